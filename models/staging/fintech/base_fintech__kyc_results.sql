{{ julgar_estados(
    source('fintech', 'kyc_results'), 'id_consulta',
    colunas={
        'id_consulta': 'id_consulta',
        'id_usuario': 'id_usuario',
        'provedor': 'provider',
        'situacao': 'status',
        'resposta_permitida': 'provider_response_permitido',
        'resposta_resumo': 'provider_response_resumo',
        'resposta_tamanho': 'provider_response_tamanho',
    },
    momentos={
        'consultado_em': 'fetched_at',
    },
    ids=['id_consulta', 'id_usuario'],
) }}
