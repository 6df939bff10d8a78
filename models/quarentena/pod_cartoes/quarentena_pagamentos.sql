{{ config(alias='pagamentos') }}

with

historico as (
    select * from {{ ref('quarentena_pagamentos_historico') }}
),

quarentena_pagamentos as (
    select
        id_pagamento,
        id_fatura,
        id_cliente,
        data_pagamento,
        valor_pagamento,
        motivos,
        entrega,
        _carga_id,
        _arquivo,
        _linha,
        entrou_em as _carregado_em
    from historico
    where saiu_em is null
)

select * from quarentena_pagamentos
