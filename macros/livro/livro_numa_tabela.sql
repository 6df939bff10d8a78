{#
    Whether the customer book is one table, and each window of it a view. Where it is not, each window
    is a table and the book the view: PostgreSQL holds no row of a thousand amounts.
#}
{% macro livro_numa_tabela() -%}
    {{ return(adapter.dispatch('livro_numa_tabela', 'lastro')()) }}
{%- endmacro %}

{% macro default__livro_numa_tabela() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro duckdb__livro_numa_tabela() -%}
    {{ return(true) }}
{%- endmacro %}
