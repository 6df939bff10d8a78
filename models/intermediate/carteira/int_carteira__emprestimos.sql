{{ config(materialized='table') }}

with

emprestimos as (
    select * from {{ ref('fact_emprestimo') }}
    where
        data_desembolso < cast('{{ dia_de_referencia() }}' as date)
        and valor_aprovado > 0
        and excluido_na_fonte_em is null
),

cronograma as (
    select * from {{ ref('cronograma_conferido') }}
),

-- Paid off on the day on which the last instalment that holds principal was paid.
pagos as (
    select
        id_emprestimo,
        case
            when count(*) filter (where amortizacao > 0 and data_paga is null) = 0
                then max(data_paga) filter (where amortizacao > 0)
        end as data_quitacao,
        count(*) filter (where divisao_aproximada) > 0 as divisao_aproximada
    from cronograma
    group by id_emprestimo
),

meses as (
    select
        e.id_emprestimo,
        e.produto,
        e.valor_aprovado as valor_originado,
        e.data_desembolso,
        e.data_baixa,
        p.data_quitacao,
        coalesce(p.divisao_aproximada, false) as divisao_aproximada,
        {{ mes_corrido('e.data_desembolso') }} as mes_desembolso,
        {{ mes_corrido('least(p.data_quitacao, e.data_baixa)') }} as mes_saida,
        {{ mes_corrido("cast('" ~ dia_de_referencia() ~ "' as date)") }} - 1 as ultimo_mes
    from emprestimos as e
    left join pagos as p on e.id_emprestimo = p.id_emprestimo
),

int_carteira__emprestimos as (
    select
        cast(row_number() over (order by id_emprestimo) as integer) as n_emprestimo,
        id_emprestimo,
        produto,
        divisao_aproximada,
        valor_originado,
        data_desembolso,
        data_quitacao,
        data_baixa,
        mes_desembolso,
        least(greatest(coalesce(mes_saida, ultimo_mes), mes_desembolso), ultimo_mes) as mes_fim
    from meses
)

select * from int_carteira__emprestimos
