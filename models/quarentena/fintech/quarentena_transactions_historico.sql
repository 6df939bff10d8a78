{{ config(alias='transactions_historico') }}

{{ historico_da_quarentena(ref('base_fintech__transactions'), 'id_transacao', [
    'id_transacao', 'id_conta', 'valor', 'tipo', 'descricao', 'situacao', 'id_externo',
    'criada_em',
]) }}
