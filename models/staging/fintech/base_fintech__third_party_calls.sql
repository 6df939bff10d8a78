{{ julgar_estados(
    source('fintech', 'third_party_calls'), 'id_chamada',
    colunas={
        'id_chamada': 'id_chamada',
        'id_usuario': 'id_usuario',
        'provedor': 'provider',
        'endpoint': 'endpoint',
        'situacao': 'status',
        'requisicao_resumo': 'request_payload_resumo',
        'requisicao_tamanho': 'request_payload_tamanho',
        'resposta_resumo': 'response_payload_resumo',
        'resposta_permitida': 'response_payload_permitido',
        'resposta_tamanho': 'response_payload_tamanho',
        'duracao_ms': 'duration_ms',
    },
    momentos={
        'chamada_em': 'called_at',
    },
    obrigatorias=['chamada_em'],
) }}
