{{- config(materialized='table') -}}
with

versoes as (
    select * from {{ ref('fact_pedido_situacao') }}
),

sequencia as (
    select * from {{ ref('int_pedido__sequencia') }}
),

pedidos as (
    select * from {{ ref('stg_credito__pedido_credito') }}
),

ultimas as (
    select
        *,
        row_number() over (partition by id_pedido order by sequencia desc) as do_fim
    from versoes
),

das_versoes as (
    select
        id_pedido,
        max(case when do_fim = 1 then situacao end) as situacao_atual,
        max(case when do_fim = 1 and final then valido_de end) as encerrado_em,
        -- Where nobody noted the submission, what cannot be without one tells of it.
        coalesce(
            min(case when situacao = 'SUBMETIDO' then valido_de end),
            min(case when submetida then valido_de end)
        ) as submetido_em,
        max(case when fonte = 'retrato' and submetida then 1 else 0 end) = 1
            as submetido_no_retrato,
        min(case when situacao in ('APROVADO', 'RECUSADO') then sequencia end) as primeira_decisao,
        max(case when situacao in ('APROVADO', 'RECUSADO') then sequencia end) as ultima_decisao,
        min(case when situacao = 'CONTRATADO' then valido_de end) as contratado_em,
        min(case when situacao = 'DESEMBOLSADO' then valido_de end) as desembolsado_em,
        cast(count(*) - 1 as integer) as qtd_transicoes,
        cast(count(*) filter (where retrocesso) as integer) as qtd_retrocessos
    from ultimas
    group by id_pedido
),

da_sequencia as (
    select
        id_pedido,
        cast(count(*) filter (where repetida) as integer) as qtd_repeticoes,
        cast(count(*) filter (where duplicada) as integer) as qtd_duplicadas
    from sequencia
    group by id_pedido
),

int_pedido__andamento as (
    select
        v.id_pedido,
        p.id_cliente,
        p.produto,
        v.situacao_atual,
        case f.situacao when 'APROVADO' then 'aprovado' when 'RECUSADO' then 'recusado' end
            as decisao,
        case when v.submetido_no_retrato then p.criado_em else v.submetido_em end as submetido_em,
        d.valido_de as decidido_em,
        f.valido_de as decidido_em_final,
        v.contratado_em,
        v.desembolsado_em,
        v.encerrado_em,
        v.qtd_transicoes,
        v.qtd_retrocessos,
        s.qtd_repeticoes,
        s.qtd_duplicadas
    from das_versoes as v
    inner join da_sequencia as s on v.id_pedido = s.id_pedido
    left join pedidos as p on v.id_pedido = p.id_pedido
    left join versoes as d on v.id_pedido = d.id_pedido and v.primeira_decisao = d.sequencia
    left join versoes as f on v.id_pedido = f.id_pedido and v.ultima_decisao = f.sequencia
)

select * from int_pedido__andamento
