{%- set agora = instante_de_referencia() %}
{%- set hora = 3600000000 %}
with

eventos as (
    select
        {{ data_local('recebido_em') }} as data_recebimento,
        tipo_evento,
        chegou_fora_de_ordem,
        {{ microssegundos_entre('ocorrido_em', 'recebido_em') }} as atraso
    from {{ ref('fact_evento') }}
    where recebido_em < {{ agora }}
),

repetidos as (
    select
        {{ data_local('_recebido_em') }} as data_recebimento,
        tipo_evento,
        count(*) filter (where _classe = 'duplicada') as qtd_duplicado,
        count(*) filter (where _classe = 'conflito') as qtd_conflito
    from {{ ref('base_credito__evento') }}
    where _classe in ('duplicada', 'conflito') and _recebido_em < {{ agora }}
    group by {{ data_local('_recebido_em') }}, tipo_evento
),

contados as (
    select
        data_recebimento,
        tipo_evento,
        count(*) as qtd,
        count(*) filter (where chegou_fora_de_ordem) as qtd_fora_de_ordem,
        {{ percentis_de_inteiros('atraso', [50, 95, 99], 'true') }} as percentis,
        count(*) filter (where atraso > {{ hora }}) as qtd_atraso_1h,
        count(*) filter (where atraso > {{ 24 * hora }}) as qtd_atraso_24h,
        count(*) filter (where atraso > {{ 72 * hora }}) as qtd_atraso_72h
    from eventos
    group by data_recebimento, tipo_evento
),

-- A day may have brought nothing but what was known.
eventos_atraso as (
    select
        coalesce(c.data_recebimento, r.data_recebimento) as data_recebimento,
        coalesce(c.tipo_evento, r.tipo_evento) as tipo_evento,
        coalesce(c.qtd, 0) as qtd,
        coalesce(r.qtd_duplicado, 0) as qtd_duplicado,
        coalesce(r.qtd_conflito, 0) as qtd_conflito,
        coalesce(c.qtd_fora_de_ordem, 0) as qtd_fora_de_ordem,
        {{ percentil_de_inteiros('c.percentis', 1) }} / 1000000 as atraso_p50_segundos,
        {{ percentil_de_inteiros('c.percentis', 2) }} / 1000000 as atraso_p95_segundos,
        {{ percentil_de_inteiros('c.percentis', 3) }} / 1000000 as atraso_p99_segundos,
        coalesce(c.qtd_atraso_1h, 0) as qtd_atraso_1h,
        coalesce(c.qtd_atraso_24h, 0) as qtd_atraso_24h,
        coalesce(c.qtd_atraso_72h, 0) as qtd_atraso_72h
    from contados as c
    full outer join repetidos as r
        on c.data_recebimento = r.data_recebimento and c.tipo_evento = r.tipo_evento
)

select * from eventos_atraso
