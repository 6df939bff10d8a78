{# Seconds from one timestamp to another, with their fraction, in double precision; negative backwards. #}
{% macro segundos_entre(inicio, fim) -%}
    {{ return(adapter.dispatch('segundos_entre', 'lastro')(inicio, fim)) }}
{%- endmacro %}

{% macro default__segundos_entre(inicio, fim) -%}
    cast(extract(epoch from ({{ fim }} - {{ inicio }})) as double precision)
{%- endmacro %}

{% macro spark__segundos_entre(inicio, fim) -%}
    cast((unix_micros({{ fim }}) - unix_micros({{ inicio }})) / 1000000.0 as double)
{%- endmacro %}
