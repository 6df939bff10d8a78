{#
    Microseconds from one timestamp to another as a whole number, negative backwards: sums and limits
    of times compare exactly.
#}
{% macro microssegundos_entre(inicio, fim) -%}
    {{ return(adapter.dispatch('microssegundos_entre', 'lastro')(inicio, fim)) }}
{%- endmacro %}

{% macro default__microssegundos_entre(inicio, fim) -%}
    cast(extract(epoch from ({{ fim }}) - ({{ inicio }})) * 1000000 as bigint)
{%- endmacro %}

{% macro duckdb__microssegundos_entre(inicio, fim) -%}
    (epoch_us({{ fim }}) - epoch_us({{ inicio }}))
{%- endmacro %}

{% macro spark__microssegundos_entre(inicio, fim) -%}
    (unix_micros({{ fim }}) - unix_micros({{ inicio }}))
{%- endmacro %}

{# Microseconds of a timestamp since 1970, in UTC. #}
{% macro em_microssegundos(instante) -%}
    {{ microssegundos_entre("cast('1970-01-01' as timestamp)", instante) }}
{%- endmacro %}
