{{
    config(
        materialized='table',
        pre_hook=["{{ sem_lacos_aninhados() }}", "{{ memoria_de_trabalho(64) }}"],
    )
}}

{%- set em_ordem = 'ocorrido_em, registrado_em nulls last, ordem_do_id, '
    ~ em_bytes('id_ocorrencia') %}
with

ocorrencias as (
    select * from {{ ref('int_pedido__ocorrencias') }}
),

numeradas as (
    select
        *,
        row_number() over (partition by id_pedido order by {{ em_ordem }}) as lugar,
        id_requisicao is not null
        and row_number() over (
            partition by id_pedido, id_requisicao
            order by {{ em_ordem }}
        ) > 1 as duplicada
    from ocorrencias
),

int_pedido__sequencia as (
    select
        id_pedido,
        cast(lugar as integer) as lugar,
        fonte,
        situacao,
        situacao_digitada,
        origem,
        motivo,
        id_requisicao,
        ocorrido_em,
        registrado_em,
        duplicada,
        not duplicada
        and coalesce(
            situacao = lag(situacao) over (partition by id_pedido, duplicada order by lugar), false
        ) as repetida,
        excluido_na_fonte_em,
        _carga_id
    from numeradas
)

select * from int_pedido__sequencia
