with

carteira as (
    select * from {{ ref('carteira_mensal') }}
),

int_fintech__desempenho as (
    select
        id_emprestimo as id_contrato,
        data_base,
        safra,
        mob,
        situacao,
        dias_atraso,
        dias_atraso_maximo,
        saldo_principal as saldo_devedor
    from carteira
)

select * from int_fintech__desempenho
