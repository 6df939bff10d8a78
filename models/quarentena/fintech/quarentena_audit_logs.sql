{{ config(alias='audit_logs') }}

{{ em_quarentena(ref('quarentena_audit_logs_historico'), [
    'id_auditoria', 'entidade', 'id_entidade', 'acao', 'data_resumo', 'data_permitido',
    'data_tamanho', 'executado_por', 'registrado_em',
]) }}
