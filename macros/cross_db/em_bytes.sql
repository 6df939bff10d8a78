{# A text that is ordered by its bytes: PostgreSQL orders by the language of the database. #}
{% macro em_bytes(texto) -%}
    {{ return(adapter.dispatch('em_bytes', 'lastro')(texto)) }}
{%- endmacro %}

{% macro default__em_bytes(texto) -%}
    {{ texto }}
{%- endmacro %}

{% macro postgres__em_bytes(texto) -%}
    {{ texto }} collate "C"
{%- endmacro %}
