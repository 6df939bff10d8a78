{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='id_chamada',
        merge_exclude_columns=['data_hora_atualizacao_registro'],
        on_schema_change='fail',
        pre_hook=[
            "{{ sem_lacos_aninhados() }}",
            "{{ excluir_quarentena_nova(ref('base_fintech__third_party_calls'), 'id_chamada') }}",
        ],
        meta={'fuso': var('fuso_negocio')},
    )
}}

{#- Named for dbt: only an incremental run reads them. -#}
-- depends_on: {{ ref('base_fintech__third_party_calls') }}
-- depends_on: {{ ref('base_fintech__users') }}
-- depends_on: {{ source('historia', 'extracoes_aplicadas') }}

with

chamadas as (
    select * from {{ ref('stg_fintech__third_party_calls') }}
),

versoes as (
    select * from {{ ref('int_usuario__versoes') }}
),

{% if is_incremental() %}
-- What landed since the newest load in the fact; then the calls of users who came since; then those made
-- after an extraction applied since, which may have opened a version for them.
a_resolver as (
    select c.*
    from chamadas as c
    where
        c._carga_id > {{ ultima_carga_no_fato() }}
        or c.id_usuario in (
            select u.id_usuario
            from {{ ref('base_fintech__users') }} as u
            where u._operacao = 'inclusao' and u._carga_id > {{ ultima_carga_no_fato() }}
        )
        or c.chamada_em >= (
            select coalesce(min({{ em_utc('e.extraido_em') }}), cast('9999-12-31' as timestamp))
            from {{ source('historia', 'extracoes_aplicadas') }} as e
            where
                e.snapshot = 'snap_fintech__usuario'
                and e._carga_id > {{ ultima_carga_no_fato() }}
        )
),
{% else %}
a_resolver as (
    select * from chamadas
),
{% endif %}

fact_chamada_terceiro as (
    select
        coalesce(v.sk_usuario, {{ chave_desconhecida() }}) as sk_usuario,
        {{ data_para_inteiro(data_local('c.chamada_em')) }} as sk_data,
        c.id_chamada,
        c.id_usuario,
        c.provedor,
        c.endpoint,
        c.resultado,
        c.ruim,
        c.requisicao_resumo,
        c.duracao_ms,
        c.chamada_em,
        c.excluido_na_fonte_em,
        {{ instante_da_corrida() }} as data_hora_atualizacao_registro,
        c._carga_id
    from a_resolver as c
    left join versoes as v
        on
            c.id_usuario = v.id_usuario
            and c.chamada_em >= v.valido_de
            and c.chamada_em < v.recebe_ate
)

select * from fact_chamada_terceiro
