{{ config(severity='warn') }}

with

fact_pedido_credito__produto_sem_politica as (
    select
        produto,
        count(*) as qtd_pedidos
    from {{ ref('fact_pedido_credito') }}
    where modelo_politica is null and submetido_em is not null
    group by produto
)

select * from fact_pedido_credito__produto_sem_politica
