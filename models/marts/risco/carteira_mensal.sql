{#- No bin begins later: what is more days past due lies where so many are. #}
{%- set limite_dos_dias = 4000 %}

with

emprestimos as (
    select * from {{ ref('int_carteira__emprestimos') }}
),

estados as (
    select * from {{ ref('int_carteira__estados') }}
),

calendario as (
    select * from {{ ref('dim_data') }}
    where data <= cast('{{ dia_de_referencia() }}' as date)
),

dias_uteis as (
    select
        ano * 12 + mes as mes_corrido,
        max(data) as ultimo_dia_util
    from calendario
    where dia_util
    group by ano * 12 + mes
),

-- The month ends before the reference date.
meses as (
    select
        c.ano * 12 + c.mes - 1 as mes_corrido,
        {{ somar_dias('c.data', -1) }} as data_base,
        {{ somar_meses('c.data', -1) }} as primeiro_dia,
        {{ somar_dias(somar_meses('c.data', -1), -1) }} as data_base_anterior,
        u.ultimo_dia_util
    from calendario as c
    left join dias_uteis as u on c.ano * 12 + c.mes - 1 = u.mes_corrido
    where c.dia = 1
),

em_ordem as (
    select row_number() over (order by mes_corrido) as n
    from meses
),

-- For each length the months that it has, so that states are spread by an equality.
duracoes as (
    select
        cast(a.n as integer) as duracao,
        cast(b.n - 1 as integer) as passo
    from em_ordem as a
    inner join em_ordem as b on a.n >= b.n
),

numeros as (
    {{ dbt.generate_series(limite_dos_dias) }}
),

faixas as (
    select * from {{ ref('faixa_atraso') }}
),

faixas_por_dia as (
    select
        cast(n.generated_number as integer) as dias,
        f.faixa
    from numeros as n
    inner join faixas as f on n.generated_number between f.dias_de and f.dias_ate
    union all
    select
        0 as dias,
        faixa
    from faixas
    where dias_de = 0
),

-- A state holds until the next one, the last until the loan's last month.
no_mes as (
    select
        e.id_emprestimo,
        e.produto,
        e.divisao_aproximada,
        e.valor_originado,
        e.data_desembolso,
        e.data_quitacao,
        e.data_baixa,
        m.data_base,
        m.data_base_anterior,
        m.ultimo_dia_util,
        m.mes_corrido - e.mes_desembolso as mob,
        s.vencimento_mais_antigo,
        s.atraso_pago_maximo,
        s.valor_vencido,
        s.parcelas_vencidas,
        cast(e.valor_originado - s.amortizado as decimal(18, 2)) as saldo_principal,
        cast(
            e.valor_originado - case when d.passo = 0 then s.amortizado_antes else s.amortizado end
            as decimal(18, 2)
        ) as saldo_antes,
        case
            when s.parcelas_vencidas = 0 then 0
            else {{ dias_entre('s.vencimento_mais_antigo', 'm.data_base') }}
        end as dias_atraso,
        case
            when d.passo = 0 and s.parcelas_vencidas_antes = 0 then 0
            when d.passo = 0
                then {{ dias_entre('s.vencimento_mais_antigo_antes', 'm.data_base_anterior') }}
            when s.parcelas_vencidas = 0 then 0
            else {{ dias_entre('s.vencimento_mais_antigo', 'm.data_base_anterior') }}
        end as dias_atraso_antes
    from estados as s
    inner join emprestimos as e on s.n_emprestimo = e.n_emprestimo
    inner join duracoes as d on coalesce(s.mes_seguinte, e.mes_fim + 1) - s.mes = d.duracao
    inner join meses as m on s.mes + d.passo = m.mes_corrido
),

situados as (
    select
        *,
        case
            when data_baixa <= data_base and (data_quitacao is null or data_baixa < data_quitacao)
                then 'baixado'
            when saldo_principal <= 0 then 'quitado'
            else 'ativo'
        end as situacao
    from no_mes
),

carteira_mensal as (
    select
        s.id_emprestimo,
        s.data_base,
        s.produto,
        cast(date_trunc('month', s.data_desembolso) as date) as safra,
        s.mob,
        s.situacao,
        f.faixa as faixa_atraso,
        case
            when s.situacao = 'ativo' then {{ faixa_rolagem('s.dias_atraso') }}
            else s.situacao
        end as faixa_rolagem,
        case
            when s.mob = 0 then 'novo'
            else {{ faixa_rolagem('s.dias_atraso_antes') }}
        end as faixa_rolagem_anterior,
        s.divisao_aproximada,
        s.dias_atraso > 0
        and s.ultimo_dia_util <= s.vencimento_mais_antigo as so_dia_nao_util,
        s.dias_atraso,
        greatest(s.atraso_pago_maximo, s.dias_atraso) as dias_atraso_maximo,
        s.parcelas_vencidas,
        s.valor_originado,
        s.saldo_principal,
        case
            when s.mob = 0 then cast(0 as decimal(18, 2))
            else s.saldo_antes
        end as saldo_principal_anterior,
        s.valor_vencido
    from situados as s
    inner join faixas_por_dia as f on least(s.dias_atraso, {{ limite_dos_dias }}) = f.dias
)

select * from carteira_mensal
