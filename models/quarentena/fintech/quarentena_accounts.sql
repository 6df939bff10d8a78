{{ config(alias='accounts') }}

{{ em_quarentena(ref('quarentena_accounts_historico'), [
    'id_conta', 'id_usuario', 'saldo_fonte', 'moeda', 'ponteiro_razao', 'criada_em',
    'atualizada_em',
]) }}
