{{ config(alias='user_documents') }}

{{ em_quarentena(ref('quarentena_user_documents_historico'), [
    'id_documento', 'id_usuario', 'tipo_documento', 's3_key_resumo', 'checksum', 'id_consulta',
    'enviado_em',
]) }}
