{{ config(alias='pedido_credito') }}

{{ em_quarentena(ref('quarentena_pedido_credito_estados'), [
    'id_pedido', 'id_cliente', 'produto', 'canal', 'campanha', 'valor_solicitado', 'prazo_meses',
    'valor_aprovado', 'taxa_mensal', 'situacao', 'motivos_recusa', 'id_contrato', 'versao', 'criado_em',
    'decidido_em', 'atualizado_em',
]) }}
