with

anos as (
    select
        id_cliente,
        cast(extract(year from data_vencimento) as integer) as ano,
        count(*) as faturas,
        count(*) filter (
            where data_minimo_atingido is null or data_minimo_atingido > data_vencimento
        ) as atrasadas
    from pub_core.fact_fatura
    where data_vencimento < (select max(ref_date) from pub_risco.book_fatura)
    group by id_cliente, cast(extract(year from data_vencimento) as integer)
)

select
    a.id_cliente,
    min(a.ano) as primeiro_ano,
    max(a.ano) as ultimo_ano,
    sum(a.faturas) as faturas,
    sum(a.atrasadas) as atrasadas,
    round(100.0 * sum(a.atrasadas) / sum(a.faturas), 1) as percentual_atrasadas
from anos as a
group by a.id_cliente
having
    count(*) > 1
    and min(4 * a.atrasadas - a.faturas) >= 0
order by percentual_atrasadas desc, a.id_cliente
