{%- set orcamento = erros_em_cem_mil() %}
with

meses as (
    select * from {{ ref('sli_terceiro') }}
    where janela = 'mes'
),

chamadas as (
    select * from {{ ref('fact_chamada_terceiro') }}
    where resultado <> 'disjuntor_aberto'
),

minutos_ruins as (
    select
        provedor,
        endpoint,
        date_trunc('minute', chamada_em) as minuto
    from chamadas
    group by provedor, endpoint, date_trunc('minute', chamada_em)
    having
        count(*) >= {{ minimo_chamadas_minuto() }}
        and 2 * count(*) filter (where ruim) > count(*)
),

-- Added, not joined: a provider may have no name.
partes as (
    select
        provedor,
        endpoint,
        inicio_janela,
        chamadas,
        ruins,
        disponibilidade,
        p95,
        0 as minutos_ruins
    from meses
    union all
    select
        provedor,
        endpoint,
        cast(date_trunc('month', minuto) as timestamp) as inicio_janela,
        0 as chamadas,
        0 as ruins,
        null as disponibilidade,
        null as p95,
        count(*) as minutos_ruins
    from minutos_ruins
    group by provedor, endpoint, date_trunc('month', minuto)
),

somadas as (
    select
        provedor,
        endpoint,
        cast(inicio_janela as date) as mes,
        cast(sum(chamadas) as bigint) as chamadas,
        cast(sum(ruins) as bigint) as ruins,
        max(disponibilidade) as disponibilidade,
        max(p95) as p95,
        cast(sum(minutos_ruins) as bigint) as minutos_ruins
    from partes
    group by provedor, endpoint, inicio_janela
),

slo_mensal as (
    select
        provedor,
        endpoint,
        mes,
        cast({{ 100000 - orcamento }} / 1000.0 as decimal(6, 3)) as alvo,
        cast({{ alvo_p95_ms() }} as bigint) as alvo_p95_ms,
        chamadas,
        disponibilidade,
        p95,
        cast(chamadas * {{ orcamento }} / 100000.0 as decimal(20, 5)) as orcamento_erros,
        ruins as consumido,
        100 * {{ razao('ruins * 100000', 'chamadas * ' ~ orcamento) }} as percentual_consumido,
        cast(
            (chamadas * {{ orcamento }} - ruins * 100000) / 100000.0 as decimal(20, 5)
        ) as restante,
        minutos_ruins,
        cast(
            {{ dias_entre('mes', somar_meses('mes', 1)) }} * {{ 1440 * orcamento }} / 100000.0
            as decimal(10, 5)
        ) as minutos_permitidos,
        case
            when chamadas > 0
                then ruins * 100000 <= chamadas * {{ orcamento }} and p95 < {{ alvo_p95_ms() }}
        end as atingido
    from somadas
)

select * from slo_mensal
