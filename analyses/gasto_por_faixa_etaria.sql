select
    cast(date_trunc('month', f.data_hora_movimentacao) as date) as mes,
    a.faixa_etaria,
    count(*) as movimentos,
    count(distinct a.id_associado) as associados,
    sum(f.valor_movimentacao) as valor,
    round(sum(f.valor_movimentacao) / count(distinct a.id_associado), 2) as valor_por_associado
from pub_core.fact_movimentacao as f
inner join pub_core.dim_associado as a on f.sk_associado = a.sk_associado
group by cast(date_trunc('month', f.data_hora_movimentacao) as date), a.faixa_etaria
order by mes, a.faixa_etaria
