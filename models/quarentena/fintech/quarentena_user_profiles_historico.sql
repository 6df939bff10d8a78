{{ config(alias='user_profiles_historico') }}

{{ historico_da_quarentena(ref('base_fintech__user_profiles'), 'id_usuario', [
    'id_usuario', 'endereco', 'tipo_documento', 'documento_token', 'situacao_kyc', 'decidido_em',
]) }}
