{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key=['id_consulta', 'revisao'],
        merge_exclude_columns=['data_hora_atualizacao_registro'],
        on_schema_change='fail',
        pre_hook=["{{ sem_lacos_aninhados() }}"],
    )
}}

with

scores as (
    select * from {{ ref('stg_credito__score') }}
),

{% if is_incremental() %}
-- All revisions of a query of which something landed since: a new one ends the one before. A load may
-- have gone on since it was read last.
a_resolver as (
    select s.*
    from scores as s
    where
        s.id_consulta in (
            select n.id_consulta
            from scores as n
            where n._carga_id >= {{ ultima_carga_no_fato() }}
        )
),
{% else %}
a_resolver as (
    select * from scores
),
{% endif %}

com_seguinte as (
    select
        *,
        lead(publicado_em) over (partition by id_consulta order by revisao) as corrigido_em,
        row_number() over (partition by id_consulta order by revisao desc) as do_fim
    from a_resolver
),

fact_score as (
    select
        id_consulta,
        revisao,
        id_cliente,
        id_pedido,
        modelo,
        versao_modelo,
        score,
        motivo_revisao,
        calculado_em,
        publicado_em as conhecido_de,
        coalesce(corrigido_em, cast('9999-12-31' as timestamp)) as conhecido_ate_revisao,
        do_fim = 1 as vigente,
        {{ instante_da_corrida() }} as data_hora_atualizacao_registro,
        _carga_id
    from com_seguinte
)

select * from fact_score
