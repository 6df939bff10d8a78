{#
    Whether a text, as a whole, matches a regular expression (the syntax common to RE2, ARE and
    Java). Spelled [0-9] and [.], since \d means the digits of every script on some engines and a
    backslash is written differently on each.
#}
{% macro corresponde(texto, padrao) -%}
    {{ return(adapter.dispatch('corresponde', 'lastro')(texto, padrao)) }}
{%- endmacro %}

{% macro duckdb__corresponde(texto, padrao) -%}
    regexp_full_match({{ texto }}, '{{ padrao }}')
{%- endmacro %}

{% macro postgres__corresponde(texto, padrao) -%}
    {{ texto }} ~ '^({{ padrao }})$'
{%- endmacro %}

{% macro spark__corresponde(texto, padrao) -%}
    {{ texto }} rlike '^({{ padrao }})\\z'
{%- endmacro %}
