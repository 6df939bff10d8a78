with

lados as (
    select
        data,
        moeda,
        qtd,
        creditos,
        debitos
    from {{ ref('razao_diario') }}
    union all
    select
        valido_de as data,
        moeda,
        -qtd_creditos - qtd_debitos as qtd,
        -creditos as creditos,
        -debitos as debitos
    from {{ ref('saldo_conta') }}
),

razao_diario__tudo_que_conta as (
    select
        data,
        moeda,
        sum(qtd) as qtd,
        sum(creditos) as creditos,
        sum(debitos) as debitos
    from lados
    group by data, moeda
    having sum(qtd) <> 0 or sum(creditos) <> 0 or sum(debitos) <> 0
)

select * from razao_diario__tudo_que_conta
