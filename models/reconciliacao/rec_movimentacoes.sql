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
    {{ total_por_carga(source('sicooperative', 'movimentacao_cartao'), 'valor_movimentacao') }}
),

-- The row that tells of a deletion is itself no longer a state of anything, as the states that it
-- made old.
substituidas as (
    {{ total_por_carga(
        ref('base_sicooperative__movimentacao_cartao'),
        'valor_movimentacao',
        "situacao in ('substituida', 'excluida')",
    ) }}
),

quarentena as (
    {{ total_por_carga(ref('quarentena_movimentacao_cartao'), 'valor_movimentacao') }}
),

staging as (
    {{ total_por_carga(ref('stg_sicooperative__movimentacao_cartao'), 'valor_movimentacao') }}
),

mart as (
    {{ total_por_carga(ref('fact_movimentacao'), 'valor_movimentacao') }}
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
    {{ conferencia('contagens', ['_carga_id', 'origem', 'status', 'data_hora_extracao']) }}
)

select * from rec_movimentacoes
