{#- Two currencies are judged by what the two accounts say now. -#}
{%- set moedas -%}
    (
        select
            id_conta,
            {{ limpar_texto('moeda') }} as moeda
        from {{ ref('base_fintech__accounts') }}
        where _classe <> 'substituida'
    )
{%- endset -%}
{%- set com_moedas -%}
    (
        select
            p.*,
            o.moeda as moeda_origem,
            d.moeda as moeda_destino
        from {{ source('fintech', 'payments') }} as p
        left join {{ moedas }} as o on p.conta_origem = o.id_conta
        left join {{ moedas }} as d on p.conta_destino = d.id_conta
    )
{%- endset -%}
{{ julgar_estados(
    source('fintech', 'payments'), 'id_pagamento',
    colunas={
        'id_pagamento': 'id_pagamento',
        'conta_origem': 'conta_origem',
        'conta_destino': 'conta_destino',
        'valor': 'amount',
        'metodo': 'method',
        'situacao': 'status',
        'id_workflow': 'orchestrator_workflow_id',
    },
    momentos={
        'criado_em': 'created_at',
    },
    valores=['valor'],
    obrigatorias=['valor', 'criado_em'],
    motivos={
        'conta_origem e conta_destino em branco':
            em_branco('conta_origem') ~ ' and ' ~ em_branco('conta_destino'),
        'contas de moedas diferentes': 'moeda_origem <> moeda_destino',
    },
    lido=com_moedas,
    auxiliares=['moeda_origem', 'moeda_destino'],
) }}
