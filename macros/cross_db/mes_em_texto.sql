{# The month of a day, as `YYYY-MM`. #}
{% macro mes_em_texto(data) -%}
    left(cast(cast({{ data }} as date) as {{ dbt.type_string() }}), 7)
{%- endmacro %}
