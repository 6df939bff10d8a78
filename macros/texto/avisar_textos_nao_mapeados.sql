{#
    After a build: one warning for each canonical list, with the typed texts that it does not map,
    the most frequent first. They are NAO MAPEADO in the warehouse until the seed names them. Of a
    text the beginning is shown, and `?` for what a terminal might obey.
#}
{% macro avisar_textos_nao_mapeados() %}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}{{ return('') }}{%- endif -%}
    {%- for modelo, nome, canonico, digitado, seed in textos_canonicos() -%}
        {%- for no in graph.nodes.values() | selectattr('name', 'equalto', modelo)
            if no.unique_id in selected_resources
            and adapter.get_relation(no.database, no.schema, no.name) is not none -%}
            {%- set consulta -%}
                select
                    left({{ espacos_simples(digitado) }}, 60) as texto,
                    count(*) as vezes
                from {{ no.relation_name }}
                where {{ canonico }} = 'NAO MAPEADO'
                group by left({{ espacos_simples(digitado) }}, 60)
                order by vezes desc, texto
                limit 20
            {%- endset -%}
            {%- set textos = [] -%}
            {%- for linha in run_query(consulta).rows -%}
                {%- set texto = modules.re.sub("[^\\w ()/.,'-]", '?', linha[0] or '') -%}
                {%- do textos.append("'" ~ texto | trim ~ "' (" ~ linha[1] ~ ')') -%}
            {%- endfor -%}
            {%- if textos -%}
                {%- do exceptions.warn(
                    nome ~ ': no canonical value for ' ~ textos | join(', ')
                    ~ '. Add them to the seed ' ~ seed ~ ', then run `make rebuild`.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('') }}
{% endmacro %}

{#
    The canonical lists: model, what a warning calls it, the column of the canonical text and that of
    the typed one beside it, and the seed.
#}
{% macro textos_canonicos() -%}
    {{ return([
        ('stg_sicooperative__associado', 'estado_civil',
            'estado_civil_associado', 'estado_civil_digitado', 'mapa_estado_civil'),
        ('stg_sicooperative__associado', 'escolaridade',
            'escolaridade_associado', 'escolaridade_digitada', 'mapa_escolaridade'),
        ('stg_fintech__users', 'users.status',
            'situacao', 'situacao_digitada', 'situacao_usuario'),
        ('stg_fintech__user_profiles', 'user_profiles.kyc_status',
            'situacao_kyc', 'situacao_kyc_digitada', 'situacao_kyc'),
        ('stg_fintech__kyc_results', 'kyc_results.status',
            'situacao', 'situacao_digitada', 'situacao_consulta'),
        ('stg_fintech__transactions', 'transactions.status',
            'situacao', 'situacao_digitada', 'situacao_transacao'),
        ('stg_fintech__loans', 'loans.status',
            'situacao', 'situacao_digitada', 'situacao_emprestimo'),
        ('stg_fintech__loan_payments', 'loan_payments.status',
            'situacao', 'situacao_digitada', 'situacao_parcela'),
        ('stg_fintech__payments', 'payments.status',
            'situacao', 'situacao_digitada', 'situacao_pagamento'),
        ('stg_fintech__payments', 'payments.method',
            'metodo', 'metodo_digitado', 'metodo_pagamento'),
        ('stg_fintech__third_party_calls', 'third_party_calls.status',
            'resultado', 'resultado_digitado', 'resultado_chamada'),
        ('stg_fintech__audit_logs', 'audit_logs.action',
            'acao', 'acao_digitada', 'acao_auditoria'),
        ('stg_credito__pedido_credito', 'pedido_credito.status',
            'situacao', 'situacao_digitada', 'situacao_pedido'),
        ('stg_credito__pedido_credito_historico', 'pedido_credito_historico.status_novo',
            'situacao', 'situacao_digitada', 'situacao_pedido'),
    ]) }}
{%- endmacro %}
