with

recusados as (
    select * from {{ ref('int_pedido__na_referencia') }}
    where decisao = 'recusado'
),

pedidos as (
    select * from {{ ref('fact_pedido_credito') }}
),

motivos as (
    select * from {{ ref('int_pedido__motivos') }}
),

no_mes as (
    select
        r.id_pedido,
        cast(date_trunc('month', {{ data_local('r.decidido_em_final') }}) as date) as mes_decisao,
        coalesce(p.produto, 'NAO INFORMADO') as produto
    from recusados as r
    inner join pedidos as p on r.id_pedido = p.id_pedido
),

totais as (
    select
        mes_decisao,
        produto,
        count(*) as recusados
    from no_mes
    group by mes_decisao, produto
),

contados as (
    select
        n.mes_decisao,
        n.produto,
        coalesce(m.motivo, 'NAO INFORMADO') as motivo,
        count(*) as qtd_pedidos,
        count(*) filter (where coalesce(m.principal, true)) as qtd_principal
    from no_mes as n
    left join motivos as m on n.id_pedido = m.id_pedido
    group by n.mes_decisao, n.produto, coalesce(m.motivo, 'NAO INFORMADO')
),

motivo_recusa as (
    select
        c.mes_decisao,
        c.produto,
        c.motivo,
        c.qtd_pedidos,
        c.qtd_principal,
        100 * {{ razao('c.qtd_pedidos', 't.recusados') }} as percentual_pedidos,
        100 * {{ razao('c.qtd_principal', 't.recusados') }} as percentual_principal
    from contados as c
    inner join totais as t on c.mes_decisao = t.mes_decisao and c.produto = t.produto
)

select * from motivo_recusa
