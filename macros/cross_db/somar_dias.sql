{#
    dbt.dateadd answers with a timestamp on DuckDB and PostgreSQL, and a timestamp that is compared
    with or stored as a date goes wrong without an error.
#}
{% macro somar_dias(data, n) -%}
    {{ return(adapter.dispatch('somar_dias', 'lastro')(data, n)) }}
{%- endmacro %}

{% macro default__somar_dias(data, n) -%}
    (cast({{ data }} as date) + cast({{ n }} as integer))
{%- endmacro %}

{% macro spark__somar_dias(data, n) -%}
    date_add(cast({{ data }} as date), cast({{ n }} as integer))
{%- endmacro %}
