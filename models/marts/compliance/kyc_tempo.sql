with

decisoes as (
    select * from {{ ref('kyc_decisao') }}
    where decidido_em < {{ instante_de_referencia() }}
),

em_horas as (
    select
        {{ data_local('decidido_em') }} as data_decisao,
        reconstruida,
        tempo_processamento,
        tempo_processamento / 3600 as horas,
        cast(round(tempo_processamento * 1000000) as bigint) as microssegundos
    from decisoes
),

-- The mean is of whole microseconds: a sum of doubles depends on the order in which they come.
kyc_tempo as (
    select
        data_decisao,
        count(*) as decididos,
        count(*) filter (where reconstruida) as reconstruidas,
        count(*) filter (where horas is null) as sem_tempo,
        {{ razao('sum(microssegundos)', 'count(microssegundos)') }} / 3600000000
            as tempo_medio_processamento_horas,
        {{ em_double('percentile_cont(0.5) within group (order by horas)') }} as p50,
        {{ em_double('percentile_cont(0.95) within group (order by horas)') }} as p95,
        max(horas) as maximo,
        count(*) filter (where tempo_processamento <= 24 * 3600) as dentro_do_prazo_24h
    from em_horas
    group by data_decisao
)

select * from kyc_tempo
