{# Post-hook of a snapshot: note, in its transaction, that the current extraction is applied. #}
{% macro registrar_extracao() -%}
    {%- set meta = model.config.meta -%}
    insert into {{ source('historia', 'extracoes_aplicadas') }} (snapshot, _carga_id, extraido_em, codigo)
    select
        '{{ model.name }}',
        e._carga_id,
        e.extraido_em,
        '{{ impressao_do_codigo(model) if execute }}'
    from ({{ extracao_corrente(model.name, meta.fonte, meta.origem) }}) as e
    where
        e.extraido_em > coalesce(
            ({{ ultima_extracao_aplicada(model.name) }}),
            cast('0001-01-01 00:00:00+00' as {{ tipo('timestamptz') }})
        )
{%- endmacro %}
