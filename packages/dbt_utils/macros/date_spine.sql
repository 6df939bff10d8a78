{#- A query with one row per `datepart` from start_date up to, not including, end_date; its one
    column is date_<datepart>. dbt's own macro does the work; the check is here because on DuckDB
    it would give no rows, in silence, where the hub's package stops. -#}
{%- macro date_spine(datepart, start_date, end_date) -%}
    {%- if execute and dbt.get_intervals_between(start_date, end_date, datepart) <= 0 -%}
        {{ exceptions.raise_compiler_error(
            'date_spine: end_date (' ~ end_date ~ ') is not at least one ' ~ datepart
            ~ ' after start_date (' ~ start_date ~ ').'
        ) }}
    {%- endif -%}
    {{- dbt.date_spine(datepart, start_date, end_date) -}}
{%- endmacro -%}
