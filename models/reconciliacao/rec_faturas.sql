with

cargas as (
    select *
    from {{ source('controle', 'cargas') }}
    where
        fonte = 'pod_cartoes'
        and entidade = 'faturas'
        -- A file that was there already landed nothing, and a load that failed neither.
        and status in ('ok', 'rejeitado')
),

brutas as (
    select * from {{ source('pod_cartoes', 'faturas') }}
),

em_quarentena as (
    select * from {{ ref('quarentena_faturas') }}
),

linhas as (
    select * from {{ ref('base_pod_cartoes__faturas') }}
),

em_staging as (
    select * from {{ ref('stg_pod_cartoes__faturas') }}
),

no_mart as (
    select * from {{ ref('fact_fatura') }}
),

-- What stands in raw and in quarantine is text, and is read here once more.
brutas_lidas as (
    select
        b._carga_id,
        {{ tentar_decimal('b.valor_fatura', 'c.forma_decimal') }} as valor_fatura
    from brutas as b
    left join cargas as c on b._carga_id = c._carga_id
),

raw as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_fatura) as valor,
        count(*) - count(valor_fatura) as linhas_valor_ilegivel
    from brutas_lidas
    group by _carga_id
),

quarentena_lida as (
    select
        q._carga_id,
        {{ tentar_decimal('q.valor_fatura', 'c.forma_decimal') }} as valor_fatura
    from em_quarentena as q
    left join cargas as c on q._carga_id = c._carga_id
),

quarentena as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_fatura) as valor
    from quarentena_lida
    group by _carga_id
),

fora_de_uso as (
    select
        _carga_id,
        count(*) filter (where situacao = 'substituida') as linhas_substituidas,
        sum(valor_fatura) filter (where situacao = 'substituida') as valor_substituido,
        count(*) filter (where situacao = 'duplicada') as linhas_duplicadas,
        sum(valor_fatura) filter (where situacao = 'duplicada') as valor_duplicado
    from linhas
    where situacao in ('substituida', 'duplicada')
    group by _carga_id
),

staging as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_fatura) as valor
    from em_staging
    group by _carga_id
),

mart as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_fatura) as valor
    from no_mart
    group by _carga_id
),

-- Each class as the relation that holds it counts it, not in one common query.
contagens as (
    select
        c._carga_id,
        c.origem,
        c.entrega,
        c.status,
        coalesce(c.lidas, 0) as linhas_arquivo,
        coalesce(c.rejeitadas, 0) as linhas_rejeitadas,
        coalesce(r.linhas, 0) as linhas_raw,
        coalesce(f.linhas_substituidas, 0) as linhas_substituidas,
        coalesce(q.linhas, 0) as linhas_quarentena,
        coalesce(f.linhas_duplicadas, 0) as linhas_duplicadas,
        coalesce(s.linhas, 0) as linhas_staging,
        coalesce(m.linhas, 0) as linhas_mart,
        coalesce(r.linhas_valor_ilegivel, 0) as linhas_valor_ilegivel,
        cast(coalesce(r.valor, 0) as decimal(25, 2)) as valor_raw,
        cast(coalesce(f.valor_substituido, 0) as decimal(25, 2)) as valor_substituido,
        cast(coalesce(q.valor, 0) as decimal(25, 2)) as valor_quarentena,
        cast(coalesce(f.valor_duplicado, 0) as decimal(25, 2)) as valor_duplicado,
        cast(coalesce(s.valor, 0) as decimal(25, 2)) as valor_staging,
        cast(coalesce(m.valor, 0) as decimal(25, 2)) as valor_mart
    from cargas as c
    left join raw as r on c._carga_id = r._carga_id
    left join quarentena as q on c._carga_id = q._carga_id
    left join fora_de_uso as f on c._carga_id = f._carga_id
    left join staging as s on c._carga_id = s._carga_id
    left join mart as m on c._carga_id = m._carga_id
),

rec_faturas as (
    select
        _carga_id,
        origem,
        entrega,
        status,
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

select * from rec_faturas
