{{ julgar_estados(
    source('fintech', 'transactions'), 'id_transacao',
    colunas={
        'id_transacao': 'id_transacao',
        'id_conta': 'id_conta',
        'valor': 'amount',
        'tipo': 'type',
        'descricao': 'description',
        'situacao': 'status',
        'id_externo': 'related_external_id',
    },
    momentos={
        'criada_em': 'created_at',
    },
    ids=['id_transacao', 'id_conta'],
    valores=['valor'],
    obrigatorias=['valor', 'criada_em'],
    motivos={
        'tipo fora de credit e debit':
            'coalesce(lower(' ~ sem_espacos_ao_redor('tipo') ~ ") not in ('credit', 'debit'), true)",
    },
) }}
