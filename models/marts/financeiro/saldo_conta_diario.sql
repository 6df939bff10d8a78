{{ config(materialized='view') }}

with

saldos as (
    select * from {{ ref('saldo_conta') }}
),

dias as (
    select data
    from {{ ref('dim_data') }}
    where data < cast('{{ dia_de_referencia() }}' as date)
),

saldo_conta_diario as (
    select
        d.data,
        s.sk_conta_digital,
        s.id_conta,
        s.moeda,
        case when d.data = s.valido_de then s.saldo_inicial else s.saldo_final end as saldo_inicial,
        case when d.data = s.valido_de then s.creditos else cast(0 as decimal(18, 2)) end
            as creditos,
        case when d.data = s.valido_de then s.debitos else cast(0 as decimal(18, 2)) end as debitos,
        case when d.data = s.valido_de then s.qtd_creditos else cast(0 as bigint) end
            as qtd_creditos,
        case when d.data = s.valido_de then s.qtd_debitos else cast(0 as bigint) end as qtd_debitos,
        s.saldo_final,
        case when d.data = s.valido_de then s.saldo_minimo_intradia else s.saldo_final end
            as saldo_minimo_intradia,
        s.negativo
    from saldos as s
    inner join dias as d on s.valido_de <= d.data and s.valido_ate > d.data
)

select * from saldo_conta_diario
