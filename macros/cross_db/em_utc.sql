{# A point in time (timestamptz) as a timestamp without zone, in UTC. #}
{% macro em_utc(instante) -%}
    {{ return(adapter.dispatch('em_utc', 'lastro')(instante)) }}
{%- endmacro %}

{% macro default__em_utc(instante) -%}
    ({{ instante }} at time zone 'UTC')
{%- endmacro %}

{% macro spark__em_utc(instante) -%}
    to_utc_timestamp({{ instante }}, current_timezone())
{%- endmacro %}
