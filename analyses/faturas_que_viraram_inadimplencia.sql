with

momento as (
    select max(ref_date) as ref_date
    from pub_risco.book_fatura
),

faturas as (
    select
        id_fatura,
        id_cliente,
        data_vencimento,
        valor_fatura,
        valor_pagamento_minimo,
        valor_pago,
        count(*) over antes as faturas_anteriores,
        count(*) filter (where data_minimo_atingido <= data_vencimento) over antes
            as anteriores_em_dia,
        avg(valor_fatura) over antes as valor_medio_anterior
    from pub_core.fact_fatura
    window antes as (
        partition by id_cliente
        order by data_emissao, id_fatura
        rows between unbounded preceding and 1 preceding
    )
)

select
    f.id_fatura,
    f.id_cliente,
    f.data_vencimento,
    m.ref_date - f.data_vencimento as dias_vencida,
    f.valor_fatura,
    f.valor_pagamento_minimo,
    f.valor_pago,
    case when f.valor_pago = 0 then 'nada foi pago' else 'menos que o mínimo' end as o_que_houve,
    f.faturas_anteriores,
    f.anteriores_em_dia,
    round(f.valor_fatura / nullif(f.valor_medio_anterior, 0), 2) as vezes_a_media_anterior
from faturas as f
cross join momento as m
where
    f.data_vencimento < m.ref_date
    and f.valor_pago < f.valor_pagamento_minimo
order by f.data_vencimento desc, f.id_fatura
