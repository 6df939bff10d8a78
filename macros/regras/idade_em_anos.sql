{#
    Whole years on a day. Born on 29 February: one year older on 1 March of a common year, which
    the comparison of YYYYMMDD numbers gives by itself. Null for a birth after the day, and for an
    age that nobody reaches.
#}
{% macro idade_em_anos(nascimento, dia) -%}
    {%- set diferenca -%}
        ({{ data_para_inteiro(dia) }} - {{ data_para_inteiro(nascimento) }})
    {%- endset -%}
    case
        when {{ nascimento }} <= {{ dia }} and {{ diferenca }} < {{ (idade_maxima() + 1) * 10000 }}
            then cast(floor({{ diferenca }} / 10000.0) as integer)
    end
{%- endmacro %}

{# Nobody known grew older than 122; a birth year of 997 is a typing error, not an age. #}
{% macro idade_maxima() -%}
    {{ return(130) }}
{%- endmacro %}
