{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='id_movimentacao_cartao',
        merge_exclude_columns=['data_hora_atualizacao_registro'],
        on_schema_change='fail',
        pre_hook=["{{ sem_lacos_aninhados() }}", "{{ excluir_movimentacoes_sem_vigencia() }}"],
    )
}}

with

-- Read by the macros of an incremental run only, so dbt has to be told of them:
-- depends_on: {{ ref('base_sicooperative__cartao') }}
-- depends_on: {{ ref('base_sicooperative__conta') }}
-- depends_on: {{ ref('base_sicooperative__movimentacao_cartao') }}
-- depends_on: {{ ref('int_movimentacao__ate_a_extracao_aplicada') }}
-- depends_on: {{ ref('stg_sicooperative__associado') }}

a_resolver as (
    {% if is_incremental() %}
    {{ movimentacoes_a_resolver() }}
    {% else %}
    select * from {{ ref('int_movimentacao__ate_a_extracao_aplicada') }}
    {% endif %}
),

titulares as (
    select * from {{ ref('int_cartao__titular') }}
),

versoes as (
    select * from {{ ref('int_associado__versoes') }}
),

{% if is_incremental() %}
-- The few rows to compare with, so that no engine builds a hash table of the whole fact. What landed
-- since the newest load in it is written without a comparison: its load differs.
gravadas as (
    select
        id_movimentacao_cartao,
        sk_associado,
        sk_conta,
        sk_cartao,
        _carga_id
    from {{ this }}
    where
        id_movimentacao_cartao in (
            select a.id_movimentacao_cartao
            from a_resolver as a
            where a._carga_id <= {{ ultima_carga_no_fato() }}
        )
),
{% endif %}

resolvidas as (
    select
        m.id_movimentacao_cartao,
        coalesce(v.sk_associado, {{ chave_desconhecida() }}) as sk_associado,
        coalesce(t.sk_conta, {{ chave_desconhecida() }}) as sk_conta,
        coalesce(t.sk_cartao, {{ chave_desconhecida() }}) as sk_cartao,
        {{ data_para_inteiro('m.data_hora_movimentacao') }} as sk_data,
        m.descricao_movimentacao,
        m.valor_movimentacao,
        m.data_hora_movimentacao,
        m._carga_id
    from a_resolver as m
    left join titulares as t on m.id_cartao = t.id_cartao
    left join versoes as v
        on
            t.id_associado = v.id_associado
            and m.data_hora_movimentacao >= v.valido_de
            and m.data_hora_movimentacao < v.recebe_movimentos_ate
),

fact_movimentacao as (
    select
        r.sk_associado,
        r.sk_conta,
        r.sk_cartao,
        r.sk_data,
        r.id_movimentacao_cartao,
        r.descricao_movimentacao,
        r.valor_movimentacao,
        r.data_hora_movimentacao,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
            as data_hora_atualizacao_registro,
        r._carga_id
    from resolvidas as r
    {% if is_incremental() %}
    left join gravadas as f on r.id_movimentacao_cartao = f.id_movimentacao_cartao
    where
        f.id_movimentacao_cartao is null
        or f._carga_id <> r._carga_id
        or f.sk_associado <> r.sk_associado
        or f.sk_conta <> r.sk_conta
        or f.sk_cartao <> r.sk_cartao
    {% endif %}
)

select * from fact_movimentacao
