{#-
    The optional tables of the contract, and those that later parts will ask for: a test holds the
    first two lists to the contract.
#}
{%- set do_banco = ['consents', 'consent_extensions', 'open_finance_extracts'] %}
{%- set de_arquivos = ['saldo_abertura', 'baixa_prejuizo', 'carteira_emprestimo'] %}
{%- set sem_contrato = ['renda_declarada', 'pep', 'limite_pix', 'caso_pld'] %}
with

cargas as (
    select * from {{ source('controle', 'cargas') }}
    where fonte = 'fintech' and status in ('ok', 'sem_novidade')
),

-- An extraction has a load of each table that it found; all of them are of one moment.
extracao_mais_nova as (
    select max(extraido_em) as extraido_em
    from cargas
    where entidade = 'users'
),

mais_novas as (
    select
        entidade,
        max(extraido_em) as extraido_em
    from cargas
    group by entidade
),

esperadas as (
    {%- for tabela in do_banco %}
    select
        '{{ tabela }}' as capacidade,
        'banco' as vem_de
    union all
    {%- endfor %}
    {%- for tabela in de_arquivos %}
    select
        '{{ tabela }}' as capacidade,
        'arquivo' as vem_de
    union all
    {%- endfor %}
    {%- for tabela in sem_contrato %}
    select
        '{{ tabela }}' as capacidade,
        'nenhum' as vem_de
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

motivos as (
    select
        e.capacidade,
        case
            when e.vem_de = 'nenhum' then 'o contrato da fonte não tem a tabela'
            when e.vem_de = 'arquivo' and m.entidade is null then 'nenhum arquivo recebido'
            when e.vem_de = 'banco' and x.extraido_em is null then 'nenhuma extração'
            when e.vem_de = 'banco' and coalesce(m.extraido_em <> x.extraido_em, true)
                then 'a extração mais nova não achou a tabela'
        end as motivo
    from esperadas as e
    cross join extracao_mais_nova as x
    left join mais_novas as m on e.capacidade = m.entidade
),

capacidades as (
    select
        capacidade,
        motivo is null as presente,
        motivo
    from motivos
)

select * from capacidades
