{#- Spark cannot read a view with a named window. #}
{%- set do_emprestimo = 'partition by n_emprestimo order by mes rows between unbounded preceding' %}
{%- set ate_o_mes = '(' ~ do_emprestimo ~ ' and current row)' %}

with

emprestimos as (
    select * from {{ ref('int_carteira__emprestimos') }}
),

cronograma as (
    select * from {{ ref('cronograma_conferido') }}
),

-- From a month end on an instalment is paid, or overdue. What lies before the disbursement counts from
-- its month on.
parcelas as (
    select
        e.n_emprestimo,
        e.mes_fim,
        c.numero,
        c.data_vencimento,
        c.situacao,
        c.valor_fonte,
        c.amortizacao,
        {{ dias_entre('c.data_vencimento', 'c.data_paga') }} as atraso_pago,
        greatest({{ mes_corrido('c.data_paga') }}, e.mes_desembolso) as mes_paga,
        greatest(
            {{ mes_corrido(somar_dias('c.data_vencimento', 1)) }}, e.mes_desembolso
        ) as mes_vencida,
        c.data_paga is not null as foi_paga
    from cronograma as c
    inner join emprestimos as e on c.id_emprestimo = e.id_emprestimo
),

-- Only what is overdue at a month end at least.
vencidas as (
    select
        n_emprestimo,
        mes_fim,
        numero,
        data_vencimento,
        valor_fonte,
        mes_vencida,
        case when foi_paga then mes_paga else 999999 end as mes_resolvida
    from parcelas
    where
        situacao <> 'CANCELADA'
        and mes_vencida <= mes_fim
        and (not foi_paga or mes_paga > mes_vencida)
),

-- An instalment is the oldest one overdue from when it and all before it are: the months of this are in
-- the order of the due dates, so that the newest to begin is the one that counts.
sucessao as (
    select
        n_emprestimo,
        mes_fim,
        data_vencimento,
        greatest(mes_vencida, coalesce(max(mes_resolvida) over (
            partition by n_emprestimo
            order by data_vencimento, numero
            rows between unbounded preceding and 1 preceding
        ), 0)) as mes
    from vencidas
),

acontecimentos as (
    select
        n_emprestimo,
        mes_desembolso as mes,
        cast(0 as decimal(18, 2)) as amortizacao,
        cast(0 as decimal(18, 2)) as vencido,
        0 as vencidas,
        0 as atraso_pago,
        cast(null as date) as vencimento
    from emprestimos
    union all
    select
        n_emprestimo,
        mes_paga as mes,
        amortizacao,
        cast(0 as decimal(18, 2)) as vencido,
        0 as vencidas,
        atraso_pago,
        cast(null as date) as vencimento
    from parcelas
    where foi_paga and mes_paga <= mes_fim
    union all
    select
        n_emprestimo,
        mes_vencida as mes,
        cast(0 as decimal(18, 2)) as amortizacao,
        valor_fonte as vencido,
        1 as vencidas,
        0 as atraso_pago,
        cast(null as date) as vencimento
    from vencidas
    union all
    select
        n_emprestimo,
        mes_resolvida as mes,
        cast(0 as decimal(18, 2)) as amortizacao,
        -valor_fonte as vencido,
        -1 as vencidas,
        0 as atraso_pago,
        cast(null as date) as vencimento
    from vencidas
    where mes_resolvida <= mes_fim
    union all
    select
        n_emprestimo,
        mes,
        cast(0 as decimal(18, 2)) as amortizacao,
        cast(0 as decimal(18, 2)) as vencido,
        0 as vencidas,
        0 as atraso_pago,
        data_vencimento as vencimento
    from sucessao
    where mes <= mes_fim
),

por_mes as (
    select
        n_emprestimo,
        mes,
        cast(sum(amortizacao) as decimal(18, 2)) as amortizacao,
        cast(sum(vencido) as decimal(18, 2)) as vencido,
        cast(sum(vencidas) as integer) as vencidas,
        max(atraso_pago) as atraso_pago,
        max(vencimento) as vencimento
    from acontecimentos
    group by n_emprestimo, mes
),

int_carteira__estados as (
    select
        n_emprestimo,
        mes,
        lead(mes) over (partition by n_emprestimo order by mes) as mes_seguinte,
        cast(sum(amortizacao) over {{ ate_o_mes }} as decimal(18, 2)) as amortizado,
        cast(sum(amortizacao) over {{ ate_o_mes }} - amortizacao as decimal(18, 2))
            as amortizado_antes,
        cast(sum(vencido) over {{ ate_o_mes }} as decimal(18, 2)) as valor_vencido,
        cast(sum(vencidas) over {{ ate_o_mes }} as integer) as parcelas_vencidas,
        cast(sum(vencidas) over {{ ate_o_mes }} - vencidas as integer) as parcelas_vencidas_antes,
        max(atraso_pago) over {{ ate_o_mes }} as atraso_pago_maximo,
        max(vencimento) over {{ ate_o_mes }} as vencimento_mais_antigo,
        max(vencimento) over ({{ do_emprestimo }} and 1 preceding) as vencimento_mais_antigo_antes
    from por_mes
)

select * from int_carteira__estados
