{{ config(alias='pedido_credito_historico_estados') }}

{{ historico_da_quarentena(ref('base_credito__pedido_credito_historico'), 'id_historico', [
    'id_historico', 'id_pedido', 'situacao_anterior', 'situacao', 'motivo', 'origem', 'id_requisicao',
    'ocorrido_em', 'registrado_em',
]) }}
