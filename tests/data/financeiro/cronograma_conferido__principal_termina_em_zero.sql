with

cronograma as (
    select * from {{ ref('cronograma_conferido') }}
),

emprestimos as (
    select * from {{ ref('fact_emprestimo') }}
),

somas as (
    select
        id_emprestimo,
        sum(amortizacao) as amortizacao,
        min(saldo_apos) as menor_saldo,
        count(*) as linhas,
        max(numero) as ultima
    from cronograma
    group by id_emprestimo
),

cronograma_conferido__principal_termina_em_zero as (
    select s.id_emprestimo
    from somas as s
    left join emprestimos as e on s.id_emprestimo = e.id_emprestimo
    left join cronograma as c on s.id_emprestimo = c.id_emprestimo and s.ultima = c.numero
    where
        s.amortizacao <> coalesce(e.valor_aprovado, 0)
        or c.saldo_apos <> 0
        or s.menor_saldo <> 0
        or s.linhas <> s.ultima
)

select * from cronograma_conferido__principal_termina_em_zero
