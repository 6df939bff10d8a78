with

movimentacoes as (
    select * from {{ ref('stg_sicooperative__movimentacao_cartao') }}
),

cargas as (
    select * from {{ source('controle', 'cargas') }}
),

-- dim_associado knows the extractions that the snapshot has applied. The fact stops there too, so
-- that it never resolves a movement against a dimension older than the movement.
limite as (
    select max(c._carga_id) as _carga_id
    from cargas as c
    where
        c.fonte = 'sicooperative'
        and c.origem = 'movimentacao_cartao'
        and c.status in ('ok', 'sem_novidade')
        and c.extraido_em <= (
            {{ ultima_extracao_aplicada('snap_sicooperative__associado') }}
        )
),

int_movimentacao__ate_a_extracao_aplicada as (
    select
        id_movimentacao_cartao,
        id_cartao,
        descricao_movimentacao,
        valor_movimentacao,
        data_hora_movimentacao,
        _carga_id
    from movimentacoes
    where _carga_id <= (select limite._carga_id from limite)
)

select * from int_movimentacao__ate_a_extracao_aplicada
