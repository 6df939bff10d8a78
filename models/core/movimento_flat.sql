{#- on Spark a version is a tag of a table's snapshot, and a view has none -#}
{{ config(materialized='table' if target.type == 'spark' else 'view') }}

with

movimentos as (
    select * from {{ ref('int_movimentacao__flat') }}
),

movimento_flat as (
    select
        nome_associado,
        sobrenome_associado,
        idade_associado,
        vlr_transacao_movimento,
        des_transacao_movimento,
        data_movimentacao,
        numero_cartao,
        nome_impresso_cartao,
        data_criacao_cartao,
        tipo_conta,
        data_criacao_conta
    from movimentos
)

select * from movimento_flat
