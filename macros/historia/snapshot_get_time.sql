{#
    dbt closes the rows of deleted keys at this time, by default the clock's. Here it is the time of
    the extraction that the run applies, so that a replay gives the same history on any day.
#}
{% macro instante_do_snapshot() -%}
    {%- set meta = model.config.meta -%}
    (
        select {{ em_utc('e.extraido_em') }}
        from ({{ extracao_corrente(model.name, meta.fonte, meta.origem) }}) as e
    )
{%- endmacro %}

{% macro duckdb__snapshot_get_time() -%}
    {{ instante_do_snapshot() }}
{%- endmacro %}

{% macro spark__snapshot_get_time() -%}
    {{ instante_do_snapshot() }}
{%- endmacro %}

{% macro postgres__snapshot_get_time() -%}
    {{ instante_do_snapshot() }}
{%- endmacro %}
