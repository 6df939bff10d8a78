-- depends_on: {{ ref('snap_sicooperative__associado') }}

with

dim_associado__nenhuma_extracao_espera as (
    select
        c._carga_id,
        c.origem,
        c.extraido_em,
        c.status
    from {{ source('controle', 'cargas') }} as c
    where
        c.fonte = 'sicooperative'
        and c.origem = 'associado'
        and c.status in ('ok', 'sem_novidade')
        and c.extraido_em > coalesce(
            ({{ ultima_extracao_aplicada('snap_sicooperative__associado') }}),
            cast('0001-01-01 00:00:00+00' as {{ tipo('timestamptz') }})
        )
)

select * from dim_associado__nenhuma_extracao_espera
