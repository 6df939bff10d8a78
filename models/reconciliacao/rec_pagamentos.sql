with

{{ contagens_de_entregas('pagamentos', 'valor_pagamento') }},

orfas as (
    {{ total_por_carga(ref('fact_pagamento'), 'valor_pagamento', 'not fatura_encontrada') }}
),

com_orfas as (
    select
        c.*,
        cast(coalesce(o.linhas, 0) as bigint) as linhas_orfas,
        cast(coalesce(o.valor, 0) as decimal(25, 2)) as valor_orfao
    from contagens as c
    left join orfas as o on c._carga_id = o._carga_id
),

rec_pagamentos as (
    {{ conferencia(
        'com_orfas',
        ['_carga_id', 'origem', 'entrega', 'status'],
        adicionais=['linhas_orfas', 'valor_orfao'],
    ) }}
)

select * from rec_pagamentos
