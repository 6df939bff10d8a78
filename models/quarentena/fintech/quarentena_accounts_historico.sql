{{ config(alias='accounts_historico') }}

{{ historico_da_quarentena(ref('base_fintech__accounts'), 'id_conta', [
    'id_conta', 'id_usuario', 'saldo_fonte', 'moeda', 'ponteiro_razao', 'criada_em',
    'atualizada_em',
]) }}
