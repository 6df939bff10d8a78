{#
    The same day `n` months later, or the last of the month where it is missing, as a date: adding
    an interval gives a timestamp, which would go wrong beside a date without an error.
#}
{% macro somar_meses(data, n) -%}
    {{ return(adapter.dispatch('somar_meses', 'lastro')(data, n)) }}
{%- endmacro %}

{% macro default__somar_meses(data, n) -%}
    cast({{ data }} + interval '{{ n }} months' as date)
{%- endmacro %}

{% macro spark__somar_meses(data, n) -%}
    add_months({{ data }}, {{ n }})
{%- endmacro %}
