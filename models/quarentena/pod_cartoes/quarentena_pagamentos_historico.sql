{{ config(alias='pagamentos_historico', materialized='table') }}

with

linhas as (
    select * from {{ ref('base_pod_cartoes__pagamentos') }}
),

brutas as (
    select * from {{ source('pod_cartoes', 'pagamentos') }}
),

entregas as (
    select * from {{ ref('base_pod_cartoes__entregas') }}
),

-- As its file wrote it. A row leaves when its delivery gets a newer file.
quarentena_pagamentos_historico as (
    select
        b.id_pagamento,
        b.id_fatura,
        b.id_cliente,
        b.data_pagamento,
        b.valor_pagamento,
        j.motivos,
        j.entrega,
        j._carga_id,
        b._arquivo,
        j._linha,
        e.carregada_em as entrou_em,
        e.substituida_em as saiu_em
    from linhas as j
    inner join brutas as b on j._carga_id = b._carga_id and j._linha = b._linha
    inner join entregas as e on j._carga_id = e._carga_id
    where j.motivos is not null
)

select * from quarentena_pagamentos_historico
