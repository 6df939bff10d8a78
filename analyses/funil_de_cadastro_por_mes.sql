with

coortes as (
    select
        cast(date_trunc('month', data_coorte) as date) as mes,
        sum(cadastrados) as cadastrados,
        sum(com_documento) as com_documento,
        sum(decididos) as decididos,
        sum(aprovados) as aprovados,
        sum(pendentes_72h) as pendentes_72h
    from pub_compliance.kyc_funil
    group by cast(date_trunc('month', data_coorte) as date)
),

decisoes as (
    select
        cast(date_trunc('month', data_decisao) as date) as mes,
        sum(tempo_medio_processamento_horas * decididos) / sum(decididos) as horas_em_media
    from pub_compliance.kyc_tempo
    where tempo_medio_processamento_horas is not null
    group by cast(date_trunc('month', data_decisao) as date)
)

select
    c.mes,
    c.cadastrados,
    c.com_documento,
    c.decididos,
    c.aprovados,
    round(100.0 * c.aprovados / nullif(c.cadastrados, 0), 2) as aprovados_por_100,
    c.pendentes_72h,
    round(cast(d.horas_em_media as decimal(18, 6)), 1) as horas_em_media
from coortes as c
left join decisoes as d on c.mes = d.mes
order by c.mes
