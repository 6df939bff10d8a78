with

linhas as (
    select * from {{ ref('base_pod_cartoes__pagamentos') }}
),

stg_pod_cartoes__pagamentos as (
    select
        id_pagamento,
        id_fatura,
        id_cliente,
        data_pagamento,
        valor_pagamento,
        _carga_id
    from linhas
    where situacao = 'vigente'
)

select * from stg_pod_cartoes__pagamentos
