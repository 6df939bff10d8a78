{{ config(alias='loan_payments_historico') }}

{{ historico_da_quarentena(ref('base_fintech__loan_payments'), 'id_parcela', [
    'id_parcela', 'id_emprestimo', 'data_vencimento', 'valor', 'situacao', 'pago_em',
]) }}
