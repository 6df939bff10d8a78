{# The key of a day in dim_data; 0, the unknown day, where there is none or dim_data does not reach it. #}
{% macro sk_do_dia(dia) -%}
    case
        when {{ dia }} between cast('1990-01-01' as date) and cast('2045-12-31' as date)
            then {{ data_para_inteiro(dia) }}
        else 0
    end
{%- endmacro %}
