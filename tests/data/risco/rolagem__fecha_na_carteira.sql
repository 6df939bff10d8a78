with

rolagens as (
    select
        data_base,
        sum(qtd) as qtd
    from {{ ref('rolagem') }}
    where faixa_para not in ('quitado', 'baixado')
    group by data_base
),

ativos as (
    select
        data_base,
        count(*) filter (where situacao = 'ativo') as qtd
    from {{ ref('carteira_mensal') }}
    group by data_base
),

-- Those that were active a month before are where the rows of the next month come from.
vindos as (
    select
        data_base,
        sum(qtd) as qtd,
        sum(saldo_de) as saldo_de
    from {{ ref('rolagem') }}
    where faixa_de <> 'novo'
    group by data_base
),

carteiras as (
    select
        {{ mes_corrido('data_base') }} + 1 as mes_seguinte,
        contratos_ativos,
        carteira_ativa
    from {{ ref('par') }}
),

rolagem__fecha_na_carteira as (
    select a.data_base
    from ativos as a
    left join rolagens as r on a.data_base = r.data_base
    left join vindos as v on a.data_base = v.data_base
    left join carteiras as c on {{ mes_corrido('a.data_base') }} = c.mes_seguinte
    where
        a.qtd <> coalesce(r.qtd, 0)
        or coalesce(v.qtd, 0) <> coalesce(c.contratos_ativos, 0)
        or coalesce(v.saldo_de, 0) <> coalesce(c.carteira_ativa, 0)
)

select * from rolagem__fecha_na_carteira
