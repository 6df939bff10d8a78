{{ config(alias='audit_logs_historico') }}

{{ historico_da_quarentena(ref('base_fintech__audit_logs'), 'id_auditoria', [
    'id_auditoria', 'entidade', 'id_entidade', 'acao', 'data_resumo', 'data_permitido',
    'data_tamanho', 'executado_por', 'registrado_em',
]) }}
