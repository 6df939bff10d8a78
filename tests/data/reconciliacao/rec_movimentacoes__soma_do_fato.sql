with

fato as (
    select
        count(*) as linhas,
        coalesce(sum(valor_movimentacao), 0) as valor
    from {{ ref('fact_movimentacao') }}
),

reconciliado as (
    select
        coalesce(sum(linhas_staging), 0) as linhas,
        coalesce(sum(valor_staging), 0) as valor
    from {{ ref('rec_movimentacoes') }}
),

rec_movimentacoes__soma_do_fato as (
    select
        fato.linhas as linhas_do_fato,
        reconciliado.linhas as linhas_staging,
        fato.valor as valor_do_fato,
        reconciliado.valor as valor_staging
    from fato
    cross join reconciliado
    where
        fato.linhas <> reconciliado.linhas
        or fato.valor <> reconciliado.valor
)

select * from rec_movimentacoes__soma_do_fato
