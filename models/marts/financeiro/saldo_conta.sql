with

lancamentos as (
    select * from {{ ref('fact_transacao') }}
    where afeta_saldo
),

contas as (
    select * from {{ ref('dim_conta_digital') }}
),

aberturas as (
    select * from {{ ref('stg_fintech__saldo_abertura') }}
),

-- One order and one frame for all windows, so that entries are sorted once, and no column that is not
-- needed in it. The day stands first: a zone may turn its clock back over midnight.
corridos as {{ calculada_uma_vez() }} (
    select
        id_conta,
        data_transacao,
        valor_assinado,
        sum(valor_assinado) over (
            partition by id_conta
            order by data_transacao, criada_em, {{ em_bytes('id_transacao') }}
        ) as saldo_corrente,
        lag(data_transacao) over (
            partition by id_conta
            order by data_transacao, criada_em, {{ em_bytes('id_transacao') }}
        ) as data_anterior,
        lead(data_transacao) over (
            partition by id_conta
            order by data_transacao, criada_em, {{ em_bytes('id_transacao') }}
        ) as data_seguinte
    from lancamentos
),

-- Most days of most accounts have one entry, which needs no grouping. Of several the last one is that
-- which another day follows, or nothing.
por_dia as (
    select
        id_conta,
        data_transacao,
        data_seguinte,
        case when valor_assinado > 0 then valor_assinado else 0 end as creditos,
        valor_assinado as liquido,
        case when valor_assinado > 0 then 1 else 0 end as qtd_creditos,
        1 as qtd,
        saldo_corrente as saldo_final,
        saldo_corrente as saldo_minimo
    from corridos
    where
        coalesce(data_anterior < data_transacao, true)
        and coalesce(data_seguinte > data_transacao, true)
    union all
    select
        id_conta,
        data_transacao,
        max(data_seguinte) filter (where data_seguinte > data_transacao) as data_seguinte,
        coalesce(sum(valor_assinado) filter (where valor_assinado > 0), 0) as creditos,
        sum(valor_assinado) as liquido,
        count(*) filter (where valor_assinado > 0) as qtd_creditos,
        count(*) as qtd,
        max(saldo_corrente) filter (
            where coalesce(data_seguinte > data_transacao, true)
        ) as saldo_final,
        min(saldo_corrente) as saldo_minimo
    from corridos
    where data_anterior = data_transacao or data_seguinte = data_transacao
    group by id_conta, data_transacao
),

saldo_conta as (
    select
        coalesce(c.sk_conta_digital, {{ chave_desconhecida() }}) as sk_conta_digital,
        d.id_conta,
        c.moeda,
        d.data_transacao as valido_de,
        coalesce(d.data_seguinte, cast('9999-12-31' as date)) as valido_ate,
        cast(coalesce(a.saldo, 0) + d.saldo_final - d.liquido as decimal(18, 2)) as saldo_inicial,
        cast(d.creditos as decimal(18, 2)) as creditos,
        cast(d.creditos - d.liquido as decimal(18, 2)) as debitos,
        cast(d.qtd_creditos as bigint) as qtd_creditos,
        cast(d.qtd - d.qtd_creditos as bigint) as qtd_debitos,
        cast(coalesce(a.saldo, 0) + d.saldo_final as decimal(18, 2)) as saldo_final,
        cast(
            coalesce(a.saldo, 0) + least(d.saldo_minimo, d.saldo_final - d.liquido)
            as decimal(18, 2)
        ) as saldo_minimo_intradia,
        coalesce(a.saldo, 0) + d.saldo_final < 0 as negativo
    from por_dia as d
    left join contas as c on d.id_conta = c.id_conta
    left join aberturas as a on d.id_conta = a.id_conta
)

select * from saldo_conta
