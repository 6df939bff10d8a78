{{ config(alias='faturas_historico', materialized='table') }}

with

quarentena_faturas_historico as (
    {{ historico_da_quarentena('faturas', [
        'id_fatura', 'id_cliente', 'data_emissao', 'data_vencimento', 'valor_fatura',
        'valor_pagamento_minimo',
    ]) }}
)

select * from quarentena_faturas_historico
