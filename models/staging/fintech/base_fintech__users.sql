{{ julgar_estados(
    source('fintech', 'users'), 'id_usuario',
    colunas={
        'id_usuario': 'id_usuario',
        'nome': 'name',
        'email_mascara': 'email_mascara',
        'email_token': 'email_token',
        'telefone_mascara': 'phone_mascara',
        'telefone_token': 'phone_token',
        'data_nascimento': 'birth_date',
        'situacao': 'status',
    },
    momentos={
        'criado_em': 'created_at',
        'atualizado_em': 'updated_at',
    },
) }}
