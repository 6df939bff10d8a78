with

regras as (
    select * from {{ ref('feriados_nacionais') }}
),

anos_do_calendario as (
    {{ dbt_utils.date_spine(
        datepart='year',
        start_date="cast('1990-01-01' as date)",
        end_date="cast('2046-01-01' as date)"
    ) }}
),

anos as (
    select cast(extract(year from date_year) as integer) as ano
    from anos_do_calendario
),

-- Gauss's algorithm for Easter Sunday, with the constants (24 and 5) that hold from 1900 to 2099.
-- Whole remainders only: the engines do not agree on how integers divide.
restos as (
    select
        ano,
        mod(ano, 19) as ano_no_ciclo_lunar,
        mod(ano, 4) as resto_bissexto,
        mod(ano, 7) as resto_semana
    from anos
),

luas as (
    select
        ano,
        resto_bissexto,
        resto_semana,
        mod(19 * ano_no_ciclo_lunar + 24, 30) as dias_ate_lua_cheia
    from restos
),

domingos as (
    select
        ano,
        dias_ate_lua_cheia,
        mod(2 * resto_bissexto + 4 * resto_semana + 6 * dias_ate_lua_cheia + 5, 7)
            as dias_ate_domingo
    from luas
),

-- The Church moves the two latest full moons a day back, and with them, where the next day is a
-- Sunday, Easter a week: 26 April becomes the 19th, and a second 25 April of a lunar cycle the 18th
-- (from 1900 to 2099 a distance of 28 comes only late in the cycle, so it needs no further test).
-- Neither happens from 1990 to 2045, the nearest are 1981 and 2049; the rule stands so that the
-- calendar may be widened.
pascoas as (
    select
        ano,
        {{ somar_dias(
            'make_date(ano, 3, 22)',
            'dias_ate_lua_cheia + dias_ate_domingo
            - case when dias_ate_lua_cheia >= 28 and dias_ate_domingo = 6 then 7 else 0 end'
        ) }} as domingo_de_pascoa
    from domingos
),

ocorrencias as (
    select
        regras.nome,
        regras.tipo,
        case
            when regras.tipo = 'fixo' then make_date(pascoas.ano, regras.mes, regras.dia)
            else {{ somar_dias('pascoas.domingo_de_pascoa', 'regras.dias_da_pascoa') }}
        end as data_feriado
    from regras
    inner join pascoas
        on
            pascoas.ano >= coalesce(regras.desde_ano, pascoas.ano)
            and pascoas.ano <= coalesce(regras.ate_ano, pascoas.ano)
),

-- A movable holiday may meet a fixed one (Sexta-feira Santa and Tiradentes in 2000). Two names at
-- most, the fixed one first: an order that does not hang on the engine's collation.
int_calendario__feriados as (
    select
        data_feriado,
        concat_ws(
            ' / ',
            max(nome) filter (where tipo = 'fixo'),
            max(nome) filter (where tipo = 'movel')
        ) as nome_feriado
    from ocorrencias
    group by data_feriado
)

select * from int_calendario__feriados
