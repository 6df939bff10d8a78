{{ config(alias='pagamentos_historico', materialized='table') }}

with

quarentena_pagamentos_historico as (
    {{ historico_da_quarentena('pagamentos', [
        'id_pagamento', 'id_fatura', 'id_cliente', 'data_pagamento', 'valor_pagamento',
    ]) }}
)

select * from quarentena_pagamentos_historico
