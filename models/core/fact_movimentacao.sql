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

{#-
    No CTE for the movements: each part of `a_resolver` asks the view by itself, so that its condition
    reaches the raw table. Conditions joined by `or`, or a CTE that all parts share, would read every
    movement. What only an incremental run reads is named here as well, for dbt to know of it.
#}
{%- set movimentacoes = ref('int_movimentacao__ate_a_extracao_aplicada') %}
{%- set estados_de_cartoes = ref('base_sicooperative__cartao') %}
{%- set estados_de_contas = ref('base_sicooperative__conta') %}
{%- set estados_de_associados = ref('stg_sicooperative__associado') %}
-- Read by a pre-hook of an incremental run only:
-- depends_on: {{ ref('base_sicooperative__movimentacao_cartao') }}

with

titulares as (
    select * from {{ ref('int_cartao__titular') }}
),

versoes as (
    select * from {{ ref('int_associado__versoes') }}
),

{% if is_incremental() %}
-- The movements whose row may be missing or out of date. One too many costs a comparison, none is left
-- out. First what landed since the newest load in the fact; then the movements of cards that landed
-- since, or whose conta or (new) associado did, whether they were set aside or not; then what happened
-- after an extraction applied since, which may have opened a version for it.
a_resolver as (
    select
        n.id_movimentacao_cartao,
        n.id_cartao,
        n.descricao_movimentacao,
        n.valor_movimentacao,
        n.data_hora_movimentacao,
        n._carga_id
    from {{ movimentacoes }} as n
    where n._carga_id > {{ ultima_carga_no_fato() }}
    union
    select
        d.id_movimentacao_cartao,
        d.id_cartao,
        d.descricao_movimentacao,
        d.valor_movimentacao,
        d.data_hora_movimentacao,
        d._carga_id
    from {{ movimentacoes }} as d
    where
        d.id_cartao in (
            select c.id_cartao
            from ({{ estado_mais_recente(estados_de_cartoes, 'id_cartao') }}) as c
            left join ({{ estado_mais_recente(estados_de_contas, 'id_conta') }}) as o
                on c.id_conta = o.id_conta
            left join {{ estados_de_associados }} as a
                on
                    o.id_associado = a.id_associado
                    and a._operacao = 'inclusao'
                    and a._carga_id > {{ ultima_carga_no_fato() }}
            where
                c._ultima_carga_id > {{ ultima_carga_no_fato() }}
                or o._ultima_carga_id > {{ ultima_carga_no_fato() }}
                or a.id_associado is not null
        )
    union
    select
        f.id_movimentacao_cartao,
        f.id_cartao,
        f.descricao_movimentacao,
        f.valor_movimentacao,
        f.data_hora_movimentacao,
        f._carga_id
    from {{ movimentacoes }} as f
    where
        f.data_hora_movimentacao >= (
            select coalesce(min({{ em_utc('e.extraido_em') }}), cast('9999-12-31' as timestamp))
            from {{ source('historia', 'extracoes_aplicadas') }} as e
            where
                e.snapshot = 'snap_sicooperative__associado'
                and e._carga_id > {{ ultima_carga_no_fato() }}
        )
),
{% else %}
a_resolver as (
    select * from {{ movimentacoes }}
),
{% endif %}

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
