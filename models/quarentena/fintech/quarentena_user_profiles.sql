{{ config(alias='user_profiles') }}

{{ em_quarentena(ref('quarentena_user_profiles_historico'), [
    'id_usuario', 'endereco', 'tipo_documento', 'documento_token', 'situacao_kyc', 'decidido_em',
]) }}
