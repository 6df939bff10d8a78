{#
    Pre-hook of a model that joins a large table to views. PostgreSQL guesses that a condition on a
    computed column (`situacao = 'vigente'`) keeps one row in two hundred, and then joins hundreds
    of thousands of rows by nested loops: 145 s instead of 2 s. For this transaction it may not.
    Other engines have nothing to set.
#}
{% macro sem_lacos_aninhados() -%}
    {{ return(adapter.dispatch('sem_lacos_aninhados', 'lastro')()) }}
{%- endmacro %}

{% macro default__sem_lacos_aninhados() -%}
{%- endmacro %}

{% macro postgres__sem_lacos_aninhados() -%}
    set local enable_nestloop = off
{%- endmacro %}
