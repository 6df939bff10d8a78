{{ config(alias='users') }}

{{ em_quarentena(ref('quarentena_users_historico'), [
    'id_usuario', 'nome', 'email_mascara', 'email_token', 'telefone_mascara', 'telefone_token',
    'data_nascimento', 'situacao', 'criado_em', 'atualizado_em',
]) }}
