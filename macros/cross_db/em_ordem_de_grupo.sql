{#
    Clause of a query whose rows are grouped by a column next: DuckDB looks for the group of each row,
    and finds one that was just filled in the processor's cache. Other engines sort by themselves.
#}
{% macro em_ordem_de_grupo(coluna) -%}
    {{ return(adapter.dispatch('em_ordem_de_grupo', 'lastro')(coluna)) }}
{%- endmacro %}

{% macro default__em_ordem_de_grupo(coluna) -%}
    {{ return('') }}
{%- endmacro %}

{% macro duckdb__em_ordem_de_grupo(coluna) -%}
    {{ return('order by ' ~ coluna) }}
{%- endmacro %}
