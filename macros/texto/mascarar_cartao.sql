{# A card number of which the last four digits show; none of a number too short to hide any. #}
{% macro mascarar_cartao(numero) -%}
    {%- set digitos = regexp_substituir(numero, '[^0-9]', '') -%}
    case
        when length({{ digitos }}) >= 8
            then '**** **** **** ' || right({{ digitos }}, 4)
        when {{ numero }} is not null
            then '**** **** **** ****'
    end
{%- endmacro %}
