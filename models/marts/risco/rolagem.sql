{%- set da_faixa = '(partition by data_base, faixa_de)' %}

with

carteira as (
    select * from {{ ref('carteira_mensal') }}
),

por_faixas as (
    select
        data_base,
        faixa_rolagem_anterior as faixa_de,
        faixa_rolagem as faixa_para,
        count(*) as qtd,
        sum(case
            when faixa_rolagem_anterior = 'novo' then valor_originado
            else saldo_principal_anterior
        end) as saldo_de,
        sum(case
            when not divisao_aproximada then 0
            when faixa_rolagem_anterior = 'novo' then valor_originado
            else saldo_principal_anterior
        end) as saldo_aproximado
    from carteira
    group by data_base, faixa_rolagem_anterior, faixa_rolagem
),

rolagem as (
    select
        data_base,
        faixa_de,
        faixa_para,
        qtd,
        cast(saldo_de as decimal(18, 2)) as saldo_de,
        100 * {{ razao('qtd', 'sum(qtd) over ' ~ da_faixa) }} as percentual_qtd,
        100 * {{ razao('saldo_de', 'sum(saldo_de) over ' ~ da_faixa) }} as percentual_saldo,
        100 * {{ razao('saldo_aproximado', 'saldo_de') }} as percentual_aproximado
    from por_faixas
)

select * from rolagem
