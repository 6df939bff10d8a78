{{ config(severity='warn') }}

with

fintech__valores_ilegiveis as (
    {%- for tabela, chave in {
        'users': 'id_usuario',
        'user_profiles': 'id_usuario',
        'user_documents': 'id_documento',
        'kyc_results': 'id_consulta',
        'accounts': 'id_conta',
        'loans': 'id_emprestimo',
        'loan_payments': 'id_parcela',
        'third_party_calls': 'id_chamada',
    }.items() %}
    select
        '{{ tabela }}' as tabela,
        {{ chave }} as chave,
        {{ regexp_substituir('_ilegiveis', '=[^;]*', '') }} as colunas
    from {{ ref('base_fintech__' ~ tabela) }}
    where _classe = 'vigente' and _ilegiveis is not null
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select * from fintech__valores_ilegiveis
