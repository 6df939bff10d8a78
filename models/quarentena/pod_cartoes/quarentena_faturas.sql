{{ config(alias='faturas') }}

with

historico as (
    select * from {{ ref('quarentena_faturas_historico') }}
),

quarentena_faturas as (
    select
        id_fatura,
        id_cliente,
        data_emissao,
        data_vencimento,
        valor_fatura,
        valor_pagamento_minimo,
        motivos,
        entrega,
        _carga_id,
        _arquivo,
        _linha,
        entrou_em as _carregado_em
    from historico
    where saiu_em is null
)

select * from quarentena_faturas
