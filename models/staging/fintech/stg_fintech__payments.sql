with

estados as (
    {{ estados_em_staging(ref('base_fintech__payments')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__payments'), 'situacao', ref('situacao_pagamento'), ['situacao']
    ) }}
),

metodos as (
    {{ textos_mapeados(
        ref('base_fintech__payments'), 'metodo', ref('metodo_pagamento'), ['metodo']
    ) }}
),

stg_fintech__payments as (
    select
        e.id_pagamento,
        case when not {{ em_branco('e.conta_origem') }} then e.conta_origem end as conta_origem,
        case when not {{ em_branco('e.conta_destino') }} then e.conta_destino end as conta_destino,
        cast(e.valor as decimal(18, 2)) as valor,
        coalesce(m.metodo, 'NAO MAPEADO') as metodo,
        e.metodo as metodo_digitado,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.situacao as situacao_digitada,
        case when not {{ em_branco('e.id_workflow') }} then e.id_workflow end as id_workflow,
        e.criado_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao = s.texto
    left join metodos as m on e.metodo = m.texto
)

select * from stg_fintech__payments
