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

raw as (
    select
        _carga_id,
        count(*) as linhas,
        coalesce(sum(valor_movimentacao), 0) as valor
    from {{ source('sicooperative', 'movimentacao_cartao') }}
    group by _carga_id
),

-- The row that tells of a deletion is itself no longer a state of anything, as the states that it
-- made old.
substituidas as (
    select
        _carga_id,
        count(*) as linhas,
        coalesce(sum(valor_movimentacao), 0) as valor
    from {{ ref('base_sicooperative__movimentacao_cartao') }}
    where situacao in ('substituida', 'excluida')
    group by _carga_id
),

quarentena as (
    select
        _carga_id,
        count(*) as linhas,
        coalesce(sum(valor_movimentacao), 0) as valor,
        count(*) filter (where valor_movimentacao is null) as linhas_valor_ilegivel
    from {{ ref('quarentena_movimentacao_cartao') }}
    group by _carga_id
),

staging as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_movimentacao) as valor
    from {{ ref('stg_sicooperative__movimentacao_cartao') }}
    group by _carga_id
),

mart as (
    select
        _carga_id,
        count(*) as linhas,
        sum(valor_movimentacao) as valor
    from {{ ref('fact_movimentacao') }}
    group by _carga_id
),

contagens as (
    select
        cargas._carga_id,
        cargas.origem,
        cargas.status,
        {{ em_utc('cargas.extraido_em') }} as data_hora_extracao,
        coalesce(cargas.gravadas, 0) + coalesce(cargas.rejeitadas, 0) as linhas_arquivo,
        coalesce(cargas.rejeitadas, 0) as linhas_rejeitadas,
        coalesce(raw.linhas, 0) as linhas_raw,
        coalesce(substituidas.linhas, 0) as linhas_substituidas,
        coalesce(quarentena.linhas, 0) as linhas_quarentena,
        -- A load refuses an extraction that repeats a key, so none ever stands twice.
        0 as linhas_duplicadas,
        coalesce(staging.linhas, 0) as linhas_staging,
        coalesce(mart.linhas, 0) as linhas_mart,
        coalesce(raw.valor, 0) as valor_raw,
        coalesce(substituidas.valor, 0) as valor_substituido,
        coalesce(quarentena.valor, 0) as valor_quarentena,
        0 as valor_duplicado,
        coalesce(staging.valor, 0) as valor_staging,
        coalesce(mart.valor, 0) as valor_mart,
        coalesce(quarentena.linhas_valor_ilegivel, 0) as linhas_valor_ilegivel
    from cargas
    left join raw on cargas._carga_id = raw._carga_id
    left join substituidas on cargas._carga_id = substituidas._carga_id
    left join quarentena on cargas._carga_id = quarentena._carga_id
    left join staging on cargas._carga_id = staging._carga_id
    left join mart on cargas._carga_id = mart._carga_id
),

rec_movimentacoes as (
    select
        _carga_id,
        origem,
        status,
        data_hora_extracao,
        {% for nome in [
            'arquivo', 'rejeitadas', 'raw', 'substituidas', 'quarentena', 'duplicadas', 'staging',
            'mart',
        ] -%}
        cast(linhas_{{ nome }} as bigint) as linhas_{{ nome }},
        {% endfor -%}
        cast(linhas_valor_ilegivel as bigint) as linhas_valor_ilegivel,
        {% for nome in [
            'raw', 'substituido', 'quarentena', 'duplicado', 'staging', 'mart',
        ] -%}
        cast(valor_{{ nome }} as decimal(25, 2)) as valor_{{ nome }},
        {% endfor -%}
        cast(
            abs(linhas_arquivo - linhas_rejeitadas - linhas_raw)
            + abs(
                linhas_raw - linhas_substituidas - linhas_quarentena - linhas_duplicadas
                - linhas_staging
            )
            + abs(linhas_staging - linhas_mart) as bigint
        ) as diferenca_linhas,
        cast(
            abs(
                valor_raw - valor_substituido - valor_quarentena - valor_duplicado - valor_staging
            )
            + abs(valor_staging - valor_mart) as decimal(25, 2)
        ) as diferenca_valor
    from contagens
)

select * from rec_movimentacoes
