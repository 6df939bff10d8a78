with

cartoes as (
    select * from {{ ref('stg_sicooperative__cartao') }}
),

contas as (
    select * from {{ ref('stg_sicooperative__conta') }}
),

int_cartao__titular as (
    select
        cartoes.id_cartao,
        cartoes.sk_cartao,
        contas.sk_conta,
        contas.id_associado
    from cartoes
    left join contas on cartoes.id_conta = contas.id_conta
)

select * from int_cartao__titular
