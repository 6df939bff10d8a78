with

andamento as (
    select * from {{ ref('int_pedido__na_referencia') }}
    where passo = 6
),

pedidos as (
    select * from {{ ref('fact_pedido_credito') }}
),

faixas as (
    select * from {{ ref('faixa_prazo') }}
),

no_mes as (
    select
        cast(date_trunc('month', {{ data_local('a.passo_6_em') }}) as date) as mes_desembolso,
        coalesce(p.produto, 'NAO INFORMADO') as produto,
        coalesce(f.faixa, 'NAO INFORMADO') as prazo_faixa,
        p.valor_aprovado as valor,
        p.taxa_mensal,
        p.prazo_meses
    from andamento as a
    inner join pedidos as p on a.id_pedido = p.id_pedido
    left join faixas as f on p.prazo_meses between f.meses_de and f.meses_ate
),

-- An average is of the amounts that have what is averaged.
originacao as (
    select
        mes_desembolso,
        produto,
        prazo_faixa,
        count(*) as qtd_contratos,
        count(*) - count(valor) as qtd_sem_valor,
        cast(coalesce(sum(valor), 0) as decimal(18, 2)) as valor_desembolsado,
        {{ razao(
            'sum(valor * taxa_mensal)', 'sum(case when taxa_mensal is not null then valor end)'
        ) }} as taxa_mensal_ponderada,
        {{ razao(
            'sum(valor * prazo_meses)', 'sum(case when prazo_meses is not null then valor end)'
        ) }} as prazo_medio_ponderado
    from no_mes
    group by mes_desembolso, produto, prazo_faixa
)

select * from originacao
