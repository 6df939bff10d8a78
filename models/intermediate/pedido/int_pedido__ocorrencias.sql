{{- config(materialized='table' if target.type == 'spark' else 'view') -}}
with

historico as (
    select * from {{ ref('stg_credito__pedido_credito_historico') }}
),

eventos as (
    select * from {{ ref('stg_credito__evento') }}
    where tipo_evento = 'situacao_alterada' and id_pedido is not null and status_novo is not null
),

pedidos as (
    select * from {{ ref('stg_credito__pedido_credito') }}
),

situacoes as (
    {{ textos_mapeados(
        ref('stg_credito__evento'), 'status_novo', ref('situacao_pedido'), ['situacao']
    ) }}
),

com_historico as (
    select distinct id_pedido from historico
),

com_eventos as (
    select distinct id_pedido from eventos
),

do_historico as (
    select
        id_pedido,
        'historico' as fonte,
        id_historico as id_ocorrencia,
        -- They count up: 9 comes before 10.
        length(id_historico) as ordem_do_id,
        situacao,
        situacao_digitada,
        origem,
        motivo,
        id_requisicao,
        ocorrido_em,
        registrado_em,
        excluido_na_fonte_em,
        _carga_id
    from historico
),

dos_eventos as (
    select
        e.id_pedido,
        'evento' as fonte,
        e.id_evento as id_ocorrencia,
        0 as ordem_do_id,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.status_novo as situacao_digitada,
        e.origem,
        e.motivo,
        e.id_requisicao,
        e.ordenado_em as ocorrido_em,
        e.recebido_em as registrado_em,
        cast(null as timestamp) as excluido_na_fonte_em,
        e._carga_id
    from eventos as e
    left join situacoes as s on e.status_novo = s.texto
    left join com_historico as h on e.id_pedido = h.id_pedido
    where h.id_pedido is null
),

-- The status that the source shows, since the only moment that can be its.
do_retrato as (
    select
        p.id_pedido,
        'retrato' as fonte,
        p.id_pedido as id_ocorrencia,
        0 as ordem_do_id,
        p.situacao,
        p.situacao_digitada,
        cast(null as {{ dbt.type_string() }}) as origem,
        cast(null as {{ dbt.type_string() }}) as motivo,
        cast(null as {{ dbt.type_string() }}) as id_requisicao,
        coalesce(p.decidido_em, p.criado_em) as ocorrido_em,
        p.atualizado_em as registrado_em,
        p.excluido_na_fonte_em,
        p._carga_id
    from pedidos as p
    left join com_historico as h on p.id_pedido = h.id_pedido
    left join com_eventos as e on p.id_pedido = e.id_pedido
    where h.id_pedido is null and e.id_pedido is null
),

int_pedido__ocorrencias as (
    select * from do_historico
    union all
    select * from dos_eventos
    union all
    select * from do_retrato
)

select * from int_pedido__ocorrencias
