with

-- An account without a currency is one of its own kind. Of accounts that never moved only dim_conta_digital
-- knows the currency.
ditas as (
    select
        id_conta,
        moeda
    from {{ ref('dim_conta_digital') }}
    union all
    select
        id_conta,
        moeda
    from {{ ref('fact_transacao') }}
),

moedas as (
    select
        id_conta,
        max(moeda) as moeda
    from ditas
    group by id_conta
),

movidas as (
    select distinct id_conta
    from {{ ref('saldo_conta') }}
),

partes as (
    select
        id_conta,
        saldo_final as saldo,
        cast(0 as decimal(18, 2)) as devido
    from {{ ref('saldo_conta') }}
    where valido_ate = cast('9999-12-31' as date)
    union all
    select
        a.id_conta,
        case when s.id_conta is null then coalesce(a.saldo, 0) else 0 end as saldo,
        coalesce(a.saldo, 0) as devido
    from {{ ref('stg_fintech__saldo_abertura') }} as a
    left join movidas as s on a.id_conta = s.id_conta
    union all
    select
        id_conta,
        cast(0 as decimal(18, 2)) as saldo,
        valor_assinado as devido
    from {{ ref('fact_transacao') }}
    where afeta_saldo
),

saldo_conta__soma_por_moeda as (
    select
        m.moeda,
        sum(p.saldo) as saldos,
        sum(p.devido) as devidos
    from partes as p
    left join moedas as m on p.id_conta = m.id_conta
    group by m.moeda
    having sum(p.saldo) <> sum(p.devido)
)

select * from saldo_conta__soma_por_moeda
