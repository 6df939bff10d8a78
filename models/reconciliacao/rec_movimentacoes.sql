with

cargas as (
    select *
    from {{ source('controle', 'cargas') }}
    where
        fonte = 'sicooperative'
        and origem = 'movimentacao_cartao'
        -- A load that found nothing new landed nothing, and a failed one neither.
        and status in ('ok', 'rejeitado')
),

brutas as (
    select * from {{ source('sicooperative', 'movimentacao_cartao') }}
),

estados as (
    select * from {{ ref('base_sicooperative__movimentacao_cartao') }}
),

em_quarentena as (
    select * from {{ ref('quarentena_movimentacao_cartao') }}
),

em_staging as (
    select * from {{ ref('stg_sicooperative__movimentacao_cartao') }}
),

no_mart as (
    select * from {{ ref('fact_movimentacao') }}
),

raw as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_movimentacao) as valor
    from brutas
    group by _carga_id
),

-- The row that tells of a deletion is itself no longer a state of anything, as the states that it
-- made old.
substituidas as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_movimentacao) as valor
    from estados
    where situacao in ('substituida', 'excluida')
    group by _carga_id
),

quarentena as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_movimentacao) as valor,
        count(*) - count(valor_movimentacao) as linhas_valor_ilegivel
    from em_quarentena
    group by _carga_id
),

staging as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_movimentacao) as valor
    from em_staging
    group by _carga_id
),

mart as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_movimentacao) as valor
    from no_mart
    group by _carga_id
),

-- Each class as the relation that holds it counts it, not in one common query.
contagens as (
    select
        c._carga_id,
        c.origem,
        c.status,
        {{ em_utc('c.extraido_em') }} as data_hora_extracao,
        coalesce(c.gravadas, 0) + coalesce(c.rejeitadas, 0) as linhas_arquivo,
        coalesce(c.rejeitadas, 0) as linhas_rejeitadas,
        coalesce(r.linhas, 0) as linhas_raw,
        coalesce(b.linhas, 0) as linhas_substituidas,
        coalesce(q.linhas, 0) as linhas_quarentena,
        -- A load refuses an extraction that repeats a key, so none ever stands twice.
        cast(0 as bigint) as linhas_duplicadas,
        coalesce(s.linhas, 0) as linhas_staging,
        coalesce(m.linhas, 0) as linhas_mart,
        coalesce(q.linhas_valor_ilegivel, 0) as linhas_valor_ilegivel,
        cast(coalesce(r.valor, 0) as decimal(25, 2)) as valor_raw,
        cast(coalesce(b.valor, 0) as decimal(25, 2)) as valor_substituido,
        cast(coalesce(q.valor, 0) as decimal(25, 2)) as valor_quarentena,
        cast(0 as decimal(25, 2)) as valor_duplicado,
        cast(coalesce(s.valor, 0) as decimal(25, 2)) as valor_staging,
        cast(coalesce(m.valor, 0) as decimal(25, 2)) as valor_mart
    from cargas as c
    left join raw as r on c._carga_id = r._carga_id
    left join substituidas as b on c._carga_id = b._carga_id
    left join quarentena as q on c._carga_id = q._carga_id
    left join staging as s on c._carga_id = s._carga_id
    left join mart as m on c._carga_id = m._carga_id
),

rec_movimentacoes as (
    select
        _carga_id,
        origem,
        status,
        data_hora_extracao,
        linhas_arquivo,
        linhas_rejeitadas,
        linhas_raw,
        linhas_substituidas,
        linhas_quarentena,
        linhas_duplicadas,
        linhas_staging,
        linhas_mart,
        linhas_valor_ilegivel,
        valor_raw,
        valor_substituido,
        valor_quarentena,
        valor_duplicado,
        valor_staging,
        valor_mart,
        {{ diferenca_de_linhas() }} as diferenca_linhas,
        {{ diferenca_de_valor() }} as diferenca_valor
    from contagens
)

select * from rec_movimentacoes
