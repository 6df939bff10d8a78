{# Replaces every match of a regular expression (the syntax common to RE2, ARE and Java). #}
{% macro regexp_substituir(texto, padrao, novo) -%}
    {{ return(adapter.dispatch('regexp_substituir', 'lastro')(texto, padrao, novo)) }}
{%- endmacro %}

{% macro default__regexp_substituir(texto, padrao, novo) -%}
    regexp_replace({{ texto }}, '{{ padrao }}', '{{ novo }}', 'g')
{%- endmacro %}

{% macro spark__regexp_substituir(texto, padrao, novo) -%}
    regexp_replace({{ texto }}, '{{ padrao }}', '{{ novo }}')
{%- endmacro %}
