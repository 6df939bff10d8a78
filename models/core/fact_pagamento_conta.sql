{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='id_pagamento',
        merge_exclude_columns=['data_hora_atualizacao_registro'],
        on_schema_change='fail',
        pre_hook=[
            "{{ sem_lacos_aninhados() }}",
            "{{ excluir_quarentena(ref('base_fintech__payments'), 'id_pagamento') }}",
        ],
        meta={
            'estorno': var('estorno'), 'fuso': var('fuso_negocio'), 'chaves': var('chaves_lancamento'),
        },
    )
}}

{#- Named for dbt: only an incremental run reads them. -#}
-- depends_on: {{ ref('base_fintech__payments') }}
-- depends_on: {{ ref('base_fintech__transactions') }}
-- depends_on: {{ ref('base_fintech__accounts') }}
-- depends_on: {{ ref('base_fintech__audit_logs') }}

with

pagamentos as (
    select * from {{ ref('stg_fintech__payments') }}
),

contas as (
    select * from {{ ref('dim_conta_digital') }}
),

vinculos as (
    select * from {{ ref('int_pagamento_conta__lancamentos') }}
),

lancamentos as (
    select * from {{ ref('fact_transacao') }}
),

auditoria as (
    select * from {{ ref('stg_fintech__audit_logs') }}
),

{% if is_incremental() %}
-- The texts by which payments, entries and audit lines that landed since find each other, in all their
-- states: an entry may have left one payment for another.
tocadas as (
    select id_pagamento as chave
    from {{ ref('base_fintech__payments') }}
    where _ultima_carga_id > {{ ultima_carga_no_fato() }}
    union
    select id_workflow as chave
    from {{ ref('base_fintech__payments') }}
    where _ultima_carga_id > {{ ultima_carga_no_fato() }}
    union
    select id_externo as chave
    from {{ ref('base_fintech__transactions') }}
    where _ultima_carga_id > {{ ultima_carga_no_fato() }}
    union
    select id_entidade as chave
    from {{ ref('base_fintech__audit_logs') }}
    where _ultima_carga_id > {{ ultima_carga_no_fato() }}
),

contas_tocadas as (
    {{ contas_que_mudaram() }}
),

a_resolver as (
    select p.*
    from pagamentos as p
    where
        p.id_pagamento in (
            select t.chave from tocadas as t
            where t.chave is not null
        )
        or p.id_workflow in (
            select t.chave from tocadas as t
            where t.chave is not null
        )
        or p.conta_origem in (select c.id_conta from contas_tocadas as c)
        or p.conta_destino in (select c.id_conta from contas_tocadas as c)
),
{% else %}
a_resolver as (
    select * from pagamentos
),
{% endif %}

auditados as (
    select
        id_entidade as id_pagamento,
        min(registrado_em) as liquidado_em
    from auditoria
    where
        entidade in ('payment', 'payments')
        and acao = 'LIQUIDADO'
        and excluido_na_fonte_em is null
    group by id_entidade
),

lancados as (
    select
        v.id_pagamento,
        max(l.criada_em) as liquidado_em
    from vinculos as v
    inner join a_resolver as r on v.id_pagamento = r.id_pagamento
    inner join lancamentos as l on v.id_transacao = l.id_transacao
    where l.afeta_saldo
    group by v.id_pagamento
),

com_dia as (
    select
        *,
        {{ data_local('criado_em') }} as data_pagamento
    from a_resolver
),

fact_pagamento_conta as (
    select
        coalesce(o.sk_conta_digital, {{ chave_desconhecida() }}) as sk_conta_origem,
        coalesce(d.sk_conta_digital, {{ chave_desconhecida() }}) as sk_conta_destino,
        {{ sk_do_dia('p.data_pagamento') }} as sk_data,
        p.id_pagamento,
        p.conta_origem,
        p.conta_destino,
        case
            when p.conta_destino is null then 'saida'
            when p.conta_origem is null then 'entrada'
            else 'interno'
        end as direcao,
        p.metodo,
        p.valor,
        coalesce(o.moeda, d.moeda) as moeda,
        p.situacao,
        p.id_workflow,
        p.data_pagamento,
        p.criado_em,
        coalesce(a.liquidado_em, l.liquidado_em) as liquidado_em,
        case
            when a.liquidado_em is not null then 'auditoria'
            when l.liquidado_em is not null then 'lancamento'
        end as fonte_liquidacao,
        p.excluido_na_fonte_em,
        {{ instante_da_corrida() }} as data_hora_atualizacao_registro,
        p._carga_id
    from com_dia as p
    left join contas as o on p.conta_origem = o.id_conta
    left join contas as d on p.conta_destino = d.id_conta
    left join auditados as a on p.id_pagamento = a.id_pagamento
    left join lancados as l on p.id_pagamento = l.id_pagamento
)

select * from fact_pagamento_conta
