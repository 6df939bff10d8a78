{% macro dia_da_semana_iso(data) -%}
    {{ return(adapter.dispatch('dia_da_semana_iso', 'lastro')(data)) }}
{%- endmacro %}

{% macro default__dia_da_semana_iso(data) -%}
    cast(extract(isodow from {{ data }}) as integer)
{%- endmacro %}

{# Spark has no isodow; its weekday counts Monday as 0. #}
{% macro spark__dia_da_semana_iso(data) -%}
    (weekday({{ data }}) + 1)
{%- endmacro %}
