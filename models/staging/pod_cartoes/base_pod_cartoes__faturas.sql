{{ config(materialized='table') }}

with

base_pod_cartoes__faturas as (
    {{ linhas_julgadas(
        'faturas',
        ids=['id_fatura', 'id_cliente'],
        datas=['data_emissao', 'data_vencimento'],
        valores=['valor_fatura', 'valor_pagamento_minimo'],
        regras={
            'data_vencimento antes de data_emissao': 'data_vencimento < data_emissao',
            'valor_fatura negativo': 'valor_fatura < 0',
            'valor_pagamento_minimo negativo': 'valor_pagamento_minimo < 0',
            'valor_pagamento_minimo maior que valor_fatura':
                'valor_pagamento_minimo > valor_fatura',
        },
    ) }}
)

select * from base_pod_cartoes__faturas
