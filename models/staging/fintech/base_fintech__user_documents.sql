{{ julgar_estados(
    source('fintech', 'user_documents'), 'id_documento',
    colunas={
        'id_documento': 'id_documento',
        'id_usuario': 'id_usuario',
        'tipo_documento': 'document_type',
        's3_key_resumo': 's3_key_resumo',
        'checksum': 'checksum',
        'id_consulta': 'id_consulta',
    },
    momentos={
        'enviado_em': 'uploaded_at',
    },
    ids=['id_documento', 'id_usuario'],
) }}
