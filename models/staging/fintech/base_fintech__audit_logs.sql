{{ julgar_estados(
    source('fintech', 'audit_logs'), 'id_auditoria',
    colunas={
        'id_auditoria': 'id_auditoria',
        'entidade': 'entity',
        'id_entidade': 'entity_id',
        'acao': 'action',
        'data_resumo': 'data_resumo',
        'data_permitido': 'data_permitido',
        'data_tamanho': 'data_tamanho',
        'executado_por': 'performed_by',
    },
    momentos={
        'registrado_em': 'registrado_em',
    },
    obrigatorias=['registrado_em'],
) }}
