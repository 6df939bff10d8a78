{#
    The tables of FintechDB that have models, each with its key and, where it has an amount, what that is
    called in the source and after it.
#}
{% macro tabelas_da_fintech() -%}
    {{ return({
        'users': {'chave': 'id_usuario'},
        'user_profiles': {'chave': 'id_usuario'},
        'user_documents': {'chave': 'id_documento'},
        'kyc_results': {'chave': 'id_consulta'},
        'accounts': {'chave': 'id_conta'},
        'transactions': {'chave': 'id_transacao', 'na_fonte': 'amount', 'valor': 'valor'},
        'loans': {
            'chave': 'id_emprestimo', 'na_fonte': 'amount_requested', 'valor': 'valor_solicitado',
        },
        'loan_payments': {'chave': 'id_parcela', 'na_fonte': 'amount', 'valor': 'valor'},
        'payments': {'chave': 'id_pagamento', 'na_fonte': 'amount', 'valor': 'valor'},
        'third_party_calls': {'chave': 'id_chamada'},
        'audit_logs': {'chave': 'id_auditoria'},
    }) }}
{%- endmacro %}
