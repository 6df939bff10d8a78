{# A timestamp as text, to the second: `2025-08-31T23:59:59`. #}
{% macro data_hora_iso(instante) -%}
    {{ return(adapter.dispatch('data_hora_iso', 'lastro')(instante)) }}
{%- endmacro %}

{% macro default__data_hora_iso(instante) -%}
    to_char({{ instante }}, 'YYYY-MM-DD"T"HH24:MI:SS')
{%- endmacro %}

{% macro duckdb__data_hora_iso(instante) -%}
    strftime({{ instante }}, '%Y-%m-%dT%H:%M:%S')
{%- endmacro %}

{% macro spark__data_hora_iso(instante) -%}
    date_format({{ instante }}, "yyyy-MM-dd'T'HH:mm:ss")
{%- endmacro %}
