{#
    The tables of FintechDB that have models, each with its key; where it has an amount, what that is
    called in the source and after it; and the model of core that has a row for each of its keys, those with
    `no_mart` where not all of its rows are of keys that the source has.
#}
{% macro tabelas_da_fintech() -%}
    {{ return({
        'users': {'chave': 'id_usuario', 'mart': 'dim_usuario', 'no_mart': 'registro_ativo'},
        'user_profiles': {'chave': 'id_usuario'},
        'user_documents': {'chave': 'id_documento', 'mart': 'fact_documento'},
        'kyc_results': {'chave': 'id_consulta', 'mart': 'fact_kyc_consulta'},
        'accounts': {
            'chave': 'id_conta', 'mart': 'dim_conta_digital', 'no_mart': 'not excluido_na_origem',
        },
        'transactions': {
            'chave': 'id_transacao', 'na_fonte': 'amount', 'valor': 'valor', 'mart': 'fact_transacao',
        },
        'loans': {
            'chave': 'id_emprestimo', 'na_fonte': 'amount_requested', 'valor': 'valor_solicitado',
            'mart': 'fact_emprestimo',
        },
        'loan_payments': {
            'chave': 'id_parcela', 'na_fonte': 'amount', 'valor': 'valor', 'mart': 'fact_parcela',
        },
        'payments': {
            'chave': 'id_pagamento', 'na_fonte': 'amount', 'valor': 'valor',
            'mart': 'fact_pagamento_conta',
        },
        'third_party_calls': {'chave': 'id_chamada', 'mart': 'fact_chamada_terceiro'},
        'audit_logs': {'chave': 'id_auditoria'},
    }) }}
{%- endmacro %}
