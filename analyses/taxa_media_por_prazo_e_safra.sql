select
    cast(date_trunc('month', data_desembolso) as date) as safra,
    prazo_meses,
    count(*) as contratos,
    sum(valor_aprovado) as valor_originado,
    round(cast(100 * sum(taxa_mensal * valor_aprovado) / sum(valor_aprovado) as decimal(18, 6)), 4)
        as taxa_mensal_ponderada
from pub_core.fact_emprestimo
where data_desembolso is not null
group by cast(date_trunc('month', data_desembolso) as date), prazo_meses
order by safra, prazo_meses
