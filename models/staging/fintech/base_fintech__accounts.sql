{{ julgar_estados(
    source('fintech', 'accounts'), 'id_conta',
    colunas={
        'id_conta': 'id_conta',
        'id_usuario': 'id_usuario',
        'saldo_fonte': 'balance',
        'moeda': 'currency',
        'ponteiro_razao': 'ledger_pointer',
    },
    momentos={
        'criada_em': 'created_at',
        'atualizada_em': 'updated_at',
    },
    ids=['id_conta', 'id_usuario'],
) }}
