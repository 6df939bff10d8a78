with

carteira as (
    select * from {{ ref('carteira_mensal') }}
    where situacao = 'ativo'
),

por_faixa as (
    select
        data_base,
        faixa_atraso as faixa,
        count(*) as qtd,
        sum(saldo_principal) as saldo_principal,
        sum(valor_vencido) as valor_vencido,
        sum(case when divisao_aproximada then saldo_principal else 0 end) as saldo_aproximado
    from carteira
    group by data_base, faixa_atraso
),

envelhecimento as (
    select
        data_base,
        faixa,
        qtd,
        cast(saldo_principal as decimal(18, 2)) as saldo_principal,
        cast(valor_vencido as decimal(18, 2)) as valor_vencido,
        100 * {{ razao(
            'saldo_principal', 'sum(saldo_principal) over (partition by data_base)'
        ) }} as percentual_saldo,
        100 * {{ razao('saldo_aproximado', 'saldo_principal') }} as percentual_aproximado
    from por_faixa
)

select * from envelhecimento
