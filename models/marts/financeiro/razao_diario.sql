with

lancamentos as (
    select * from {{ ref('fact_transacao') }}
    where afeta_saldo
),

razao_diario as (
    select
        data_transacao as data,
        categoria,
        moeda,
        count(*) as qtd,
        cast(sum(case when tipo = 'credito' then valor else 0 end) as decimal(18, 2)) as creditos,
        cast(sum(case when tipo = 'debito' then valor else 0 end) as decimal(18, 2)) as debitos,
        cast(sum(valor_assinado) as decimal(18, 2)) as liquido
    from lancamentos
    group by data_transacao, categoria, moeda
)

select * from razao_diario
