with

em_ordem as (
    select
        faixa,
        meses_de,
        meses_ate,
        lag(meses_ate) over (order by meses_de) as anterior
    from {{ ref('faixa_prazo') }}
),

credito__prazos_em_sequencia as (
    select *
    from em_ordem
    where
        meses_de > meses_ate
        or meses_de <> coalesce(anterior, 0) + 1
)

select * from credito__prazos_em_sequencia
