{{ config(alias='score') }}

with

situados as (
    select * from {{ ref('base_credito__score') }}
    where _classe = 'quarentena'
),

quarentena_score as (
    select
        id_consulta,
        revisao,
        id_cliente,
        id_pedido,
        modelo,
        versao_modelo,
        score,
        calculado_em,
        publicado_em,
        motivo_revisao,
        motivos,
        _endpoint,
        _carga_id,
        _linha,
        _carregado_em
    from situados
)

select * from quarentena_score
