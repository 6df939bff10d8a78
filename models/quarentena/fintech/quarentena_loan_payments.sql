{{ config(alias='loan_payments') }}

{{ em_quarentena(ref('quarentena_loan_payments_historico'), [
    'id_parcela', 'id_emprestimo', 'data_vencimento', 'valor', 'situacao', 'pago_em',
]) }}
