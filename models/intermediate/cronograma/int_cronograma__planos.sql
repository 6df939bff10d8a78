with

emprestimos as (
    select * from {{ ref('fact_emprestimo') }}
    where excluido_na_fonte_em is null
),

parcelas as (
    select * from {{ ref('fact_parcela') }}
    where excluido_na_fonte_em is null
),

-- A rate below a millionth of a percent is none: dividing by it would leave no digits.
condicoes as (
    select
        id_emprestimo,
        valor_aprovado as principal,
        cast(prazo_meses as integer) as prazo,
        {{ em_double('valor_aprovado') }} as p,
        case when abs(taxa_mensal) < 1e-8 then 0 else taxa_mensal end as taxa
    from emprestimos
    where valor_aprovado > 0 and prazo_meses > 0
),

-- Beyond a growth to a millionfold, doubles hold no centavos: such a loan has no Price plan.
crescimentos as (
    select
        *,
        case
            when taxa >= 0 and prazo * ln(1 + greatest(taxa, 0)) <= 13.8
                then power(1 + taxa, prazo)
        end as crescimento
    from condicoes
),

prestacoes as (
    select
        id_emprestimo,
        principal,
        prazo,
        p,
        taxa,
        case when taxa = 0 then prazo else (crescimento - 1) / taxa end as pagos,
        case
            when taxa = 0 then {{ em_centavos('p / prazo', 'p') }}
            else {{ em_centavos(
                'p * taxa * crescimento / (crescimento - 1)',
                'p + p * crescimento / (crescimento - 1)',
            ) }}
        end as prestacao
    from crescimentos
    where crescimento is not null
),

em_double_precision as (
    select
        *,
        {{ em_double('prestacao') }} as pmt
    from prestacoes
),

nas_parcelas as (
    select
        a.id_parcela,
        a.id_emprestimo,
        cast(a.numero as integer) as numero,
        a.data_vencimento,
        a.valor as valor_fonte,
        a.situacao,
        a.data_paga,
        e.valor_aprovado,
        e.prazo_meses,
        b.principal,
        b.prazo,
        b.p,
        b.taxa,
        b.pagos,
        b.prestacao,
        b.pmt,
        power(1 + b.taxa, least(a.numero, b.prazo)) as fator,
        power(1 + b.taxa, least(a.numero, b.prazo) - 1) as fator_antes
    from parcelas as a
    left join emprestimos as e on a.id_emprestimo = e.id_emprestimo
    left join em_double_precision as b on a.id_emprestimo = b.id_emprestimo
),

saldos as (
    select
        *,
        case
            when numero <= prazo then {{ saldo_price('(numero - 1)', 'fator_antes') }}
        end as saldo_price_antes,
        case when numero <= prazo then {{ saldo_price('numero', 'fator') }} end as saldo_price,
        case when numero <= prazo then {{ saldo_sac('(numero - 1)') }} end as saldo_sac_antes,
        case when numero <= prazo then {{ saldo_sac('numero') }} end as saldo_sac
    from nas_parcelas
),

valores as (
    select
        *,
        case
            when numero < prazo then prestacao
            when numero = prazo then {{ em_centavos(
                em_double('saldo_price_antes') ~ ' * (1 + taxa)', 'p * (1 + taxa)'
            ) }}
        end as valor_price,
        case
            when numero <= prazo then {{ em_centavos(
                'p / prazo * (1 + (prazo - numero + 1) * taxa)', 'p * (1 + taxa)'
            ) }}
        end as valor_sac,
        -- How far an instalment may lie from its plan: a centavo, and at the end what a centavo in
        -- each of them adds up to.
        case when numero = prazo then 0.01 * pagos + 1e-9 else 0.01 + 1e-9 end as folga
    from saldos
),

int_cronograma__planos as (
    select
        id_parcela,
        id_emprestimo,
        numero,
        data_vencimento,
        situacao,
        data_paga,
        valor_fonte,
        valor_aprovado,
        prazo_meses,
        -- PostgreSQL forgets the scale of a case without an else.
        cast(valor_price as decimal(18, 2)) as valor_price,
        cast(valor_sac as decimal(18, 2)) as valor_sac,
        cast(saldo_price_antes as decimal(18, 2)) as saldo_price_antes,
        cast(saldo_price as decimal(18, 2)) as saldo_price,
        cast(saldo_sac_antes as decimal(18, 2)) as saldo_sac_antes,
        cast(saldo_sac as decimal(18, 2)) as saldo_sac,
        coalesce({{ em_double('abs(valor_fonte - valor_price)') }} <= folga, false)
            as cabe_em_price,
        coalesce({{ em_double('abs(valor_fonte - valor_sac)') }} <= folga, false)
            as cabe_em_sac
    from valores
)

select * from int_cronograma__planos
