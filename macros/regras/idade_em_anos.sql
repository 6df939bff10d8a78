{#
    Whole years on a day. Born on 29 February: one year older on 1 March of a common year, which
    the comparison of YYYYMMDD numbers gives by itself. Null for a birth after the day.
#}
{% macro idade_em_anos(nascimento, dia) -%}
    case
        when {{ nascimento }} <= {{ dia }}
            then cast(
                floor(({{ data_para_inteiro(dia) }} - {{ data_para_inteiro(nascimento) }}) / 10000.0)
                as integer
            )
    end
{%- endmacro %}
