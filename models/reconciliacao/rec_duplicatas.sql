with

faturas as (
    {{ duplicatas_que_diferem('faturas', 'id_fatura', [
        'id_cliente', 'data_emissao', 'data_vencimento', 'valor_fatura', 'valor_pagamento_minimo',
    ]) }}
),

pagamentos as (
    {{ duplicatas_que_diferem('pagamentos', 'id_pagamento', [
        'id_fatura', 'id_cliente', 'data_pagamento', 'valor_pagamento',
    ]) }}
),

rec_duplicatas as (
    select * from faturas
    union all
    select * from pagamentos
)

select * from rec_duplicatas
