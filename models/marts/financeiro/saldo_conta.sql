with

lancamentos as (
    select * from {{ ref('fact_transacao') }}
    where afeta_saldo
),

aberturas as (
    select * from {{ ref('stg_fintech__saldo_abertura') }}
),

-- One order for both windows, so that entries are sorted once. The day stands first in it: a zone may
-- turn its clock back over midnight.
corridos as (
    select
        sk_conta_digital,
        id_conta,
        moeda,
        data_transacao,
        tipo,
        valor,
        sum(valor_assinado) over (
            partition by id_conta
            order by data_transacao, criada_em, {{ em_bytes('id_transacao') }}
            rows between unbounded preceding and current row
        ) as saldo_corrente,
        lead(data_transacao) over (
            partition by id_conta
            order by data_transacao, criada_em, {{ em_bytes('id_transacao') }}
        ) as data_seguinte
    from lancamentos
),

-- The last entry of a day is the one that another day follows, or nothing.
por_dia as (
    select
        id_conta,
        data_transacao,
        any_value(sk_conta_digital) as sk_conta_digital,
        any_value(moeda) as moeda,
        max(data_seguinte) filter (where data_seguinte > data_transacao) as data_seguinte,
        sum(valor) filter (where tipo = 'credito') as creditos,
        sum(valor) filter (where tipo = 'debito') as debitos,
        count(*) filter (where tipo = 'credito') as qtd_creditos,
        count(*) filter (where tipo = 'debito') as qtd_debitos,
        max(saldo_corrente) filter (
            where data_seguinte > data_transacao or data_seguinte is null
        ) as saldo_final,
        min(saldo_corrente) as saldo_minimo
    from corridos
    group by id_conta, data_transacao
),

abertos as (
    select
        d.sk_conta_digital,
        d.id_conta,
        d.moeda,
        d.data_transacao as valido_de,
        coalesce(d.data_seguinte, cast('9999-12-31' as date)) as valido_ate,
        coalesce(d.creditos, 0) as creditos,
        coalesce(d.debitos, 0) as debitos,
        d.qtd_creditos,
        d.qtd_debitos,
        coalesce(a.saldo, 0) + d.saldo_final as saldo_final,
        coalesce(a.saldo, 0) + d.saldo_minimo as saldo_minimo
    from por_dia as d
    left join aberturas as a on d.id_conta = a.id_conta
),

saldo_conta as (
    select
        sk_conta_digital,
        id_conta,
        moeda,
        valido_de,
        valido_ate,
        cast(saldo_final - creditos + debitos as decimal(18, 2)) as saldo_inicial,
        cast(creditos as decimal(18, 2)) as creditos,
        cast(debitos as decimal(18, 2)) as debitos,
        qtd_creditos,
        qtd_debitos,
        cast(saldo_final as decimal(18, 2)) as saldo_final,
        cast(
            least(saldo_final - creditos + debitos, saldo_minimo) as decimal(18, 2)
        ) as saldo_minimo_intradia,
        saldo_final < 0 as negativo
    from abertos
)

select * from saldo_conta
