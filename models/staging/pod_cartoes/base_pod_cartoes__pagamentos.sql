{{ config(materialized='table') }}

with

base_pod_cartoes__pagamentos as (
    {{ linhas_julgadas(
        'pagamentos',
        ids=['id_pagamento', 'id_fatura', 'id_cliente'],
        datas=['data_pagamento'],
        valores=['valor_pagamento'],
        regras={'valor_pagamento zero ou negativo': 'valor_pagamento <= 0'},
    ) }}
)

select * from base_pod_cartoes__pagamentos
