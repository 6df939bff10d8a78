with

decididos as (
    select * from {{ ref('int_pedido__na_referencia') }}
    where decisao is not null
),

pedidos as (
    select * from {{ ref('fact_pedido_credito') }}
),

no_mes as (
    select
        cast(date_trunc('month', {{ data_local('d.decidido_em_final') }}) as date) as mes_decisao,
        coalesce(p.produto, 'NAO INFORMADO') as produto,
        p.modelo_decisao as modelo,
        p.versao_modelo_decisao as versao_modelo,
        p.faixa_score,
        d.decisao = 'aprovado' as aprovado,
        p.valor_aprovado,
        p.score_decisao
    from decididos as d
    inner join pedidos as p on d.id_pedido = p.id_pedido
),

contados as (
    select
        mes_decisao,
        produto,
        modelo,
        versao_modelo,
        faixa_score,
        count(*) as qtd_decidido,
        count(*) filter (where aprovado) as qtd_aprovado,
        count(*) filter (where not aprovado) as qtd_recusado,
        cast(
            coalesce(sum(valor_aprovado) filter (where aprovado), 0) as decimal(18, 2)
        ) as valor_aprovado,
        sum(score_decisao) as soma_dos_scores,
        count(score_decisao) as com_score
    from no_mes
    group by mes_decisao, produto, modelo, versao_modelo, faixa_score
),

aprovacao_por_faixa as (
    select
        mes_decisao,
        produto,
        modelo,
        versao_modelo,
        faixa_score,
        qtd_decidido,
        qtd_aprovado,
        qtd_recusado,
        100 * {{ razao('qtd_aprovado', 'qtd_decidido') }} as taxa_aprovacao,
        valor_aprovado,
        {{ razao('valor_aprovado', 'qtd_aprovado') }} as ticket_medio,
        {{ razao('soma_dos_scores', 'com_score') }} as score_medio
    from contados
)

select * from aprovacao_por_faixa
