{#
    At the end of a subquery: its expressions are computed once for each row. PostgreSQL would
    otherwise write them into the outer query wherever their columns are named, and read the same
    text seven times over.
#}
{% macro uma_vez_por_linha() -%}
    {{ return(adapter.dispatch('uma_vez_por_linha', 'lastro')()) }}
{%- endmacro %}

{% macro default__uma_vez_por_linha() -%}
{%- endmacro %}

{% macro postgres__uma_vez_por_linha() -%}
    offset 0
{%- endmacro %}
