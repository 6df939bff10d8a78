{{ config(alias='transactions') }}

{{ em_quarentena(ref('quarentena_transactions_historico'), [
    'id_transacao', 'id_conta', 'valor', 'tipo', 'descricao', 'situacao', 'id_externo',
    'criada_em',
]) }}
