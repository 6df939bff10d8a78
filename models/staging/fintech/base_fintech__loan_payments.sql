{{ julgar_estados(
    source('fintech', 'loan_payments'), 'id_parcela',
    colunas={
        'id_parcela': 'id_parcela',
        'id_emprestimo': 'id_emprestimo',
        'data_vencimento': 'due_date',
        'valor': 'amount',
        'situacao': 'status',
    },
    momentos={
        'pago_em': 'paid_at',
    },
    ids=['id_parcela', 'id_emprestimo'],
    valores=['valor'],
    obrigatorias=['valor', 'data_vencimento'],
) }}
