{{ config(alias='users_historico') }}

{{ historico_da_quarentena(ref('base_fintech__users'), 'id_usuario', [
    'id_usuario', 'nome', 'email_mascara', 'email_token', 'telefone_mascara', 'telefone_token',
    'data_nascimento', 'situacao', 'criado_em', 'atualizado_em',
]) }}
