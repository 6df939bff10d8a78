{#
    The calendar day of a moment (timestamp in UTC) where the business is: var `fuso_negocio`, with the
    daylight-saving time that held there at the moment.
#}
{% macro data_local(instante) -%}
    {{ return(adapter.dispatch('data_local', 'lastro')(instante)) }}
{%- endmacro %}

{% macro default__data_local(instante) -%}
    cast(
        {{ instante }} at time zone 'UTC' at time zone {{ texto_literal(var('fuso_negocio')) }} as date
    )
{%- endmacro %}

{# Half the time of the two conversions of the others. #}
{% macro duckdb__data_local(instante) -%}
    cast(
        make_timestamptz(epoch_us({{ instante }})) at time zone {{ texto_literal(var('fuso_negocio')) }} as date
    )
{%- endmacro %}

{% macro spark__data_local(instante) -%}
    cast(from_utc_timestamp({{ instante }}, {{ texto_literal(var('fuso_negocio')) }}) as date)
{%- endmacro %}
