with

versoes as (
    select * from {{ ref('fact_pedido_situacao') }}
    where not transicao_prevista
),

rec_pedido_transicao as (
    select
        id_pedido,
        sequencia,
        situacao_anterior as de,
        situacao as para,
        retrocesso,
        fonte,
        origem,
        valido_de as ocorrida_em
    from versoes
)

select * from rec_pedido_transicao
