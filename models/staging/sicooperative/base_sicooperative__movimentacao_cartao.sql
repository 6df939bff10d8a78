with

estados as (
    select * from {{ source('sicooperative', 'movimentacao_cartao') }}
),

cargas as (
    select * from {{ source('controle', 'cargas') }}
),

-- Nearly every movement has one state. Only keys that were ever seen twice need their newest one
-- looked up, so the table is not sorted by key.
mais_recentes as (
    select
        e.id_movimentacao_cartao,
        max(e._carga_id) as _carga_id
    from estados as e
    where
        e.id_movimentacao_cartao in (
            select r.id_movimentacao_cartao
            from estados as r
            where r._operacao <> 'inclusao'
        )
    group by e.id_movimentacao_cartao
),

limites as (
    select
        _carga_id,
        {{ dbt.dateadd('year', 5, em_utc('inicio')) }} as data_maxima
    from cargas
),

base_sicooperative__movimentacao_cartao as (
    select
        e.id_movimentacao_cartao,
        e.id_cartao,
        e.descricao_movimentacao,
        e.valor_movimentacao,
        e.data_movimentacao,
        case
            when m._carga_id > e._carga_id then 'substituida'
            when e._operacao = 'exclusao' then 'excluida'
            when
                trim(coalesce(e.id_movimentacao_cartao, '')) = ''
                or trim(coalesce(e.id_cartao, '')) = ''
                or e.valor_movimentacao is null
                or e.data_movimentacao is null
                or e.data_movimentacao < cast('1990-01-01' as timestamp)
                or e.data_movimentacao > l.data_maxima
                then 'quarentena'
            else 'vigente'
        end as situacao,
        l.data_maxima,
        e._operacao,
        e._carga_id,
        e._tabela,
        e._linha,
        e._carregado_em
    from estados as e
    left join mais_recentes as m on e.id_movimentacao_cartao = m.id_movimentacao_cartao
    left join limites as l on e._carga_id = l._carga_id
)

select * from base_sicooperative__movimentacao_cartao
