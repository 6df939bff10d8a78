{{ julgar_estados(
    source('fintech', 'user_profiles'), 'id_usuario',
    colunas={
        'id_usuario': 'id_usuario',
        'endereco': 'address',
        'tipo_documento': 'document_type',
        'documento_token': 'documento_token',
        'situacao_kyc': 'kyc_status',
    },
    momentos={
        'decidido_em': 'kyc_completed_at',
    },
) }}
