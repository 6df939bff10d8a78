{{ julgar_estados(
    linhas_conhecidas('credito', 'pedido_credito_historico'), 'id_historico',
    colunas={
        'id_historico': 'id_historico',
        'id_pedido': 'id_pedido',
        'situacao_anterior': 'status_anterior',
        'situacao': 'status_novo',
        'motivo': 'motivo',
        'origem': 'origem',
        'id_requisicao': 'id_requisicao',
    },
    momentos={
        'ocorrido_em': 'ocorrido_em',
        'registrado_em': 'registrado_em',
    },
    ids=['id_historico', 'id_pedido'],
    obrigatorias=['ocorrido_em'],
    motivos={
        'situacao em branco': em_branco('situacao'),
    },
) }}
