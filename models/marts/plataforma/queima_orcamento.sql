{%- set orcamento = erros_em_cem_mil() %}
{%- set em_ordem = 'partition by provedor, endpoint order by numero' %}
{%- set seis_horas = em_ordem ~ ' range between 5 preceding and current row' %}
{%- set tres_dias = em_ordem ~ ' range between 71 preceding and current row' %}
with

chamadas as (
    select
        provedor,
        endpoint,
        chamada_em,
        extract(minute from chamada_em) as minuto,
        resultado <> 'disjuntor_aberto' as chegou,
        ruim
    from {{ ref('fact_chamada_terceiro') }}
),

por_hora as (
    select
        provedor,
        endpoint,
        cast(date_trunc('hour', chamada_em) as timestamp) as hora,
        count(*) filter (where chegou and minuto >= 55) as chamadas_5min,
        count(*) filter (where ruim and minuto >= 55) as ruins_5min,
        count(*) filter (where chegou and minuto >= 30) as chamadas_30min,
        count(*) filter (where ruim and minuto >= 30) as ruins_30min,
        count(*) filter (where chegou) as chamadas_1h,
        count(*) filter (where ruim) as ruins_1h
    from chamadas
    group by provedor, endpoint, date_trunc('hour', chamada_em)
),

numeradas as (
    select
        *,
        cast({{ em_microssegundos('hora') }} / 3600000000 as bigint) as numero
    from por_hora
),

somadas as (
    select
        *,
        sum(chamadas_1h) over ({{ seis_horas }}) as chamadas_6h,
        sum(ruins_1h) over ({{ seis_horas }}) as ruins_6h,
        sum(chamadas_1h) over ({{ tres_dias }}) as chamadas_3d,
        sum(ruins_1h) over ({{ tres_dias }}) as ruins_3d
    from numeradas
),

queimas as (
    select
        provedor,
        endpoint,
        hora,
        {{ razao('ruins_5min * 100000', 'chamadas_5min * ' ~ orcamento) }} as queima_5min,
        {{ razao('ruins_30min * 100000', 'chamadas_30min * ' ~ orcamento) }} as queima_30min,
        {{ razao('ruins_1h * 100000', 'chamadas_1h * ' ~ orcamento) }} as queima_1h,
        {{ razao('ruins_6h * 100000', 'chamadas_6h * ' ~ orcamento) }} as queima_6h,
        {{ razao('ruins_3d * 100000', 'chamadas_3d * ' ~ orcamento) }} as queima_3d
    from somadas
),

queima_orcamento as (
    select
        provedor,
        endpoint,
        hora,
        queima_5min,
        queima_30min,
        queima_1h,
        queima_6h,
        queima_3d,
        coalesce(queima_1h >= 14.4 and queima_5min >= 14.4, false)
        or coalesce(queima_6h >= 6 and queima_30min >= 6, false) as alerta
    from queimas
)

select * from queima_orcamento
