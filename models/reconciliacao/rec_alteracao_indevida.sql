{#- The tables that a contract calls `somente_insercao`, with their keys: a test holds the two equal. -#}
{%- set tabelas = [
    ('fintech', 'third_party_calls', 'id_chamada'),
    ('fintech', 'audit_logs', 'id_auditoria'),
    ('credito', 'pedido_credito_historico', 'id_historico'),
] -%}
with

cargas as (
    select * from {{ source('controle', 'cargas') }}
),

mexidas as (
    {%- for fonte, tabela, chave in tabelas %}
    select
        '{{ fonte }}' as fonte,
        '{{ tabela }}' as tabela,
        {{ chave }} as id,
        _operacao as operacao,
        _carga_id
    from {{ source(fonte, tabela) }}
    where _operacao in ('alteracao', 'exclusao')
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

rec_alteracao_indevida as (
    select
        m.fonte,
        m.tabela,
        m.id,
        m.operacao,
        {{ em_utc('c.extraido_em') }} as extraido_em,
        m._carga_id
    from mexidas as m
    left join cargas as c on m._carga_id = c._carga_id
)

select * from rec_alteracao_indevida
