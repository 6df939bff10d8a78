{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='id_chamada',
        merge_exclude_columns=['data_hora_atualizacao_registro'],
        on_schema_change='fail',
        pre_hook=[
            "{{ sem_lacos_aninhados() }}",
            "{{ excluir_quarentena(ref('base_fintech__third_party_calls'), 'id_chamada') }}",
        ],
        meta={'fuso': var('fuso_negocio')},
    )
}}

{#- Named for dbt: only an incremental run reads them. -#}
-- depends_on: {{ ref('base_fintech__third_party_calls') }}
-- depends_on: {{ ref('base_fintech__users') }}

with

-- dim_usuario knows the extractions that the snapshot has applied. The fact stops there too, so that it
-- never resolves a call against a dimension older than the call.
limite as (
    select max(k._carga_id) as _carga_id
    from {{ source('controle', 'cargas') }} as k
    where
        k.fonte = 'fintech'
        and k.origem = 'third_party_calls'
        and k.status in ('ok', 'sem_novidade')
        and k.extraido_em <= ({{ ultima_extracao_aplicada('snap_fintech__usuario') }})
),

chamadas as (
    select
        *,
        {{ data_local('chamada_em') }} as dia
    from {{ ref('stg_fintech__third_party_calls') }}
    where _carga_id <= (select limite._carga_id from limite)
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
        {{ sk_do_dia('c.dia') }} as sk_data,
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
