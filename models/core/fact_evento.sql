{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='id_evento',
        merge_exclude_columns=['data_hora_atualizacao_registro'],
        on_schema_change='fail',
        pre_hook=["{{ sem_lacos_aninhados() }}"],
        meta={'fuso': var('fuso_negocio')},
    )
}}

{#- Named for dbt: only an incremental run reads it. -#}
-- depends_on: {{ ref('base_credito__evento') }}

with

eventos as (
    select * from {{ ref('stg_credito__evento') }}
),

{% if is_incremental() %}
-- What was read since, whatever became of it: an event that came once more, and earlier, may leave an
-- application for another.
tocados as (
    select
        b.id_evento,
        b.id_pedido
    from {{ ref('base_credito__evento') }} as b
    where
        b.id_evento in (
            select n.id_evento
            from {{ ref('base_credito__evento') }} as n
            where n._carga_id >= {{ ultima_carga_no_fato() }}
        )
),

a_resolver as (
    select e.*
    from eventos as e
    where
        e.id_evento in (select t.id_evento from tocados as t)
        or e.id_pedido in (select t.id_pedido from tocados as t)
),
{% else %}
a_resolver as (
    select * from eventos
),
{% endif %}

por_recepcao as (
    select
        id_pedido,
        recebido_em,
        max(max(ordenado_em)) over (
            partition by id_pedido
            order by recebido_em
            rows between unbounded preceding and 1 preceding
        ) as maior_antes
    from a_resolver
    where id_pedido is not null
    group by id_pedido, recebido_em
),

com_dia as (
    select
        e.*,
        r.maior_antes,
        {{ data_local('e.ocorrido_em') }} as dia
    from a_resolver as e
    left join por_recepcao as r on e.id_pedido = r.id_pedido and e.recebido_em = r.recebido_em
),

fact_evento as (
    select
        {{ sk_do_dia('dia') }} as sk_data,
        id_evento,
        tipo_evento,
        tipo_conhecido,
        versao_esquema,
        versao_desconhecida,
        id_pedido,
        id_cliente,
        id_sessao,
        canal,
        campanha,
        ocorrido_em,
        produzido_em,
        recebido_em,
        relogio_adiantado,
        {{ em_double(microssegundos_entre('ocorrido_em', 'recebido_em')) }} / 1000000
            as atraso_segundos,
        coalesce(maior_antes > ordenado_em, false) as chegou_fora_de_ordem,
        {{ instante_da_corrida() }} as data_hora_atualizacao_registro,
        _carga_id
    from com_dia
)

select * from fact_evento
