{{ julgar_estados(
    source('fintech', 'loans'), 'id_emprestimo',
    colunas={
        'id_emprestimo': 'id_emprestimo',
        'id_usuario': 'id_usuario',
        'valor_solicitado': 'amount_requested',
        'valor_aprovado': 'amount_approved',
        'prazo_meses': 'term_months',
        'taxa_juros': 'interest_rate',
        'situacao': 'status',
    },
    momentos={
        'criado_em': 'created_at',
        'aprovado_em': 'approved_at',
    },
    ids=['id_emprestimo', 'id_usuario'],
    valores=['valor_solicitado', 'valor_aprovado'],
    motivos={
        'prazo_meses ilegível': 'prazo_meses is null and ' ~ ilegivel('term_months'),
        'taxa_juros ilegível': 'taxa_juros is null and ' ~ ilegivel('interest_rate'),
    },
) }}
