with

pix as (
    select
        cast(
            extract(hour from criado_em at time zone 'UTC' at time zone 'America/Sao_Paulo') as integer
        ) as hora_local,
        valor,
        situacao
    from pub_core.fact_pagamento_conta
    where metodo = 'PIX'
)

select
    hora_local,
    count(*) as pagamentos,
    sum(valor) as valor,
    round(100.0 * count(*) / sum(count(*)) over (), 2) as percentual_do_dia,
    round(
        100.0 * count(*) filter (where situacao = 'liquidado')
        / nullif(count(*) filter (where situacao in ('liquidado', 'falhou')), 0),
        2
    ) as taxa_sucesso
from pix
group by hora_local
order by hora_local
