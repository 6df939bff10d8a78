{#
    The windows of the customer book that one query compares: one at a time, so that memory does not grow
    with their number. Spark spills, and takes seconds to plan each, so there all are one.
#}
{% macro janelas_por_consulta(livros) -%}
    {{ return(adapter.dispatch('janelas_por_consulta', 'lastro')(livros)) }}
{%- endmacro %}

{% macro default__janelas_por_consulta(livros) -%}
    {{ return(livros.keys() | batch(1) | list) }}
{%- endmacro %}

{% macro spark__janelas_por_consulta(livros) -%}
    {{ return([livros.keys() | list]) }}
{%- endmacro %}
