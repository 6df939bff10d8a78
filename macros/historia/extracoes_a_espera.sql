{# The extractions of a table that a snapshot has not applied yet, as a query for their rows of cargas. #}
{% macro extracoes_a_espera(snapshot, fonte, origem) -%}
    select
        c._carga_id,
        c.origem,
        c.extraido_em,
        c.status
    from {{ source('controle', 'cargas') }} as c
    where
        c.fonte = '{{ fonte }}'
        and c.origem = '{{ origem }}'
        and c.status in ('ok', 'sem_novidade')
        and c.extraido_em > coalesce(
            ({{ ultima_extracao_aplicada(snapshot) }}),
            cast('0001-01-01 00:00:00+00' as {{ tipo('timestamptz') }})
        )
{%- endmacro %}
