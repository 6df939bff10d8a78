{#- For so long the history may lag behind the application. -#}
{%- set tolerado = dbt.dateadd('minute', 15, 'u.ultima_ocorrencia_em') %}
with

andamento as (
    select * from {{ ref('int_pedido__andamento') }}
),

pedidos as (
    select * from {{ ref('stg_credito__pedido_credito') }}
    where excluido_na_fonte_em is null
),

ultimas as (
    select
        id_pedido,
        max(fonte) as fonte,
        max(ocorrido_em) as ultima_ocorrencia_em
    from {{ ref('int_pedido__sequencia') }}
    group by id_pedido
),

rec_pedido_status as (
    select
        p.id_pedido,
        case
            when
                p.atualizado_em >= u.ultima_ocorrencia_em
                and p.atualizado_em <= {{ tolerado }}
                then 'historico_atrasado'
            else 'divergente'
        end as classe,
        u.fonte,
        a.situacao_atual,
        p.situacao as situacao_na_fonte,
        p.situacao_digitada,
        u.ultima_ocorrencia_em,
        p.atualizado_em,
        p._carga_id
    from pedidos as p
    inner join andamento as a on p.id_pedido = a.id_pedido
    inner join ultimas as u on p.id_pedido = u.id_pedido
    where p.situacao <> a.situacao_atual
)

select * from rec_pedido_status
