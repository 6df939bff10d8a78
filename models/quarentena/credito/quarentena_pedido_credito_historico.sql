{{ config(alias='pedido_credito_historico') }}

{{ em_quarentena(ref('quarentena_pedido_credito_historico_estados'), [
    'id_historico', 'id_pedido', 'situacao_anterior', 'situacao', 'motivo', 'origem', 'id_requisicao',
    'ocorrido_em', 'registrado_em',
]) }}
