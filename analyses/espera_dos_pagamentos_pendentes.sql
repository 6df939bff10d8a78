with

momento as (
    select max(criado_em) as agora
    from pub_core.fact_pagamento_conta
),

esperas as (
    select
        p.metodo,
        p.valor,
        extract(epoch from m.agora - p.criado_em) / 3600.0 as horas
    from pub_core.fact_pagamento_conta as p
    cross join momento as m
    where p.situacao = 'pendente'
)

select
    metodo,
    count(*) as pendentes,
    sum(valor) as valor,
    round(cast(percentile_cont(0.5) within group (order by horas) as decimal(18, 6)), 1) as horas_da_metade,
    round(cast(max(horas) as decimal(18, 6)), 1) as horas_do_mais_antigo,
    count(*) filter (where horas > 24) as ha_mais_de_um_dia
from esperas
group by metodo
order by metodo
