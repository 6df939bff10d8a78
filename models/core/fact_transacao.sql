{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='id_transacao',
        merge_exclude_columns=['data_hora_atualizacao_registro'],
        on_schema_change='fail',
        pre_hook=[
            "{{ sem_lacos_aninhados() }}",
            "{{ excluir_quarentena(ref('base_fintech__transactions'), 'id_transacao') }}",
        ],
        meta={'estorno': var('estorno'), 'fuso': var('fuso_negocio')},
    )
}}

{#- Named for dbt: only an incremental run reads them. -#}
-- depends_on: {{ ref('base_fintech__transactions') }}
-- depends_on: {{ ref('base_fintech__accounts') }}

with

lancamentos as (
    select * from {{ ref('stg_fintech__transactions') }}
),

contas as (
    select * from {{ ref('dim_conta_digital') }}
),

{% if is_incremental() %}
-- What landed since the newest load in the fact, and the entries of accounts that changed since.
a_resolver as (
    select l.*
    from lancamentos as l
    where
        l._carga_id > {{ ultima_carga_no_fato() }}
        or l.id_conta in ({{ contas_que_mudaram() }})
),
{% else %}
a_resolver as (
    select * from lancamentos
),
{% endif %}

com_dia as (
    select
        *,
        {{ data_local('criada_em') }} as data_transacao
    from a_resolver
),

fact_transacao as (
    select
        coalesce(c.sk_conta_digital, {{ chave_desconhecida() }}) as sk_conta_digital,
        {{ sk_do_dia('l.data_transacao') }} as sk_data,
        l.id_transacao,
        l.id_conta,
        c.moeda,
        l.tipo,
        l.valor,
        cast(case l.tipo when 'credito' then l.valor else -l.valor end as decimal(18, 2))
            as valor_assinado,
        l.situacao,
        l.afeta_saldo,
        l.categoria,
        l.id_externo,
        l.data_transacao,
        l.criada_em,
        l.excluido_na_fonte_em,
        {{ instante_da_corrida() }} as data_hora_atualizacao_registro,
        l._carga_id
    from com_dia as l
    left join contas as c on l.id_conta = c.id_conta
)

select * from fact_transacao
