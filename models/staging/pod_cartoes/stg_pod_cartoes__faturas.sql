with

linhas as (
    select * from {{ ref('base_pod_cartoes__faturas') }}
),

stg_pod_cartoes__faturas as (
    select
        id_fatura,
        id_cliente,
        data_emissao,
        data_vencimento,
        valor_fatura,
        valor_pagamento_minimo,
        _carga_id
    from linhas
    where situacao = 'vigente'
)

select * from stg_pod_cartoes__faturas
