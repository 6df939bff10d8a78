{#
    Stands between the `as` of a CTE and its query: whoever names it reads what was computed once.
    DuckDB would compute it anew for each condition that is put on it.
#}
{% macro calculada_uma_vez() -%}
    {{ return(adapter.dispatch('calculada_uma_vez', 'lastro')()) }}
{%- endmacro %}

{% macro default__calculada_uma_vez() -%}
    {{ return('materialized') }}
{%- endmacro %}

{% macro spark__calculada_uma_vez() -%}
    {{ return('') }}
{%- endmacro %}
