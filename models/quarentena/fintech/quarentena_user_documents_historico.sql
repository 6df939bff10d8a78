{{ config(alias='user_documents_historico') }}

{{ historico_da_quarentena(ref('base_fintech__user_documents'), 'id_documento', [
    'id_documento', 'id_usuario', 'tipo_documento', 's3_key_resumo', 'checksum', 'id_consulta',
    'enviado_em',
]) }}
