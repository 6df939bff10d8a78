with

emprestimos as (
    select * from {{ ref('fact_emprestimo') }}
    where
        data_desembolso is not null
        and valor_aprovado > 0
        and excluido_na_fonte_em is null
),

originados as (
    select
        {{ mes_corrido('data_desembolso') }} as mes,
        produto,
        count(*) as contratos,
        sum(valor_aprovado) as valor
    from emprestimos
    group by {{ mes_corrido('data_desembolso') }}, produto
),

celulas as (
    select * from {{ ref('safra') }}
),

safra__toda_a_safra as (
    select
        c.safra,
        c.produto,
        c.mob
    from celulas as c
    left join originados as o on {{ mes_corrido('c.safra') }} = o.mes and c.produto = o.produto
    where c.contratos is distinct from o.contratos or c.valor_originado is distinct from o.valor
)

select * from safra__toda_a_safra
