{{ config(pre_hook="{{ sem_lacos_aninhados() }}") }}

with

pagamentos as (
    select * from {{ ref('stg_pod_cartoes__pagamentos') }}
),

faturas as (
    select * from {{ ref('stg_pod_cartoes__faturas') }}
),

em_quarentena as (
    select distinct id_fatura
    from {{ ref('base_pod_cartoes__faturas') }}
    where situacao = 'quarentena'
),

fact_pagamento as (
    select
        p.id_pagamento,
        p.id_fatura,
        p.id_cliente,
        {{ data_para_inteiro('p.data_pagamento') }} as sk_data_pagamento,
        p.data_pagamento,
        p.valor_pagamento,
        -- Never null: a payment that no invoice answers is not found.
        coalesce(f.id_cliente = p.id_cliente, false) as fatura_encontrada,
        case
            when f.id_cliente = p.id_cliente then null
            when f.id_fatura is not null then 'cliente divergente'
            when q.id_fatura is not null then 'fatura em quarentena'
            else 'fatura ausente'
        end as motivo_orfao,
        p._carga_id
    from pagamentos as p
    left join faturas as f on p.id_fatura = f.id_fatura
    left join em_quarentena as q on p.id_fatura = q.id_fatura
)

select * from fact_pagamento
