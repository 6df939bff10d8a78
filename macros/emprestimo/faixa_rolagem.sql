{# The band in which the roll rates count an active loan, from its days past due. #}
{% macro faixa_rolagem(dias) -%}
    case
        when {{ dias }} = 0 then 'em_dia'
        {%- for ate in range(30, 181, 30) %}
        when {{ dias }} <= {{ ate }} then '{{ ate - 29 }}-{{ ate }}'
        {%- endfor %}
        else 'mais_180'
    end
{%- endmacro %}
