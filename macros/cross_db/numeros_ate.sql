{# What gives a row for each whole number from 1 to `n`, after `from`. #}
{% macro numeros_ate(n) -%}
    {{ return(adapter.dispatch('numeros_ate', 'lastro')(n)) }}
{%- endmacro %}

{% macro default__numeros_ate(n) -%}
    generate_series(1, {{ n }})
{%- endmacro %}

{% macro spark__numeros_ate(n) -%}
    (select explode(sequence(1, {{ n }})))
{%- endmacro %}
