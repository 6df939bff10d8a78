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
        tempo_processamento / 3600 as horas
    from decisoes
),

kyc_tempo as (
    select
        data_decisao,
        count(*) as decididos,
        count(*) filter (where reconstruida) as reconstruidas,
        count(*) filter (where horas is null) as sem_tempo,
        avg(horas) as tempo_medio_processamento_horas,
        {{ em_double('percentile_cont(0.5) within group (order by horas)') }} as p50,
        {{ em_double('percentile_cont(0.95) within group (order by horas)') }} as p95,
        max(horas) as maximo,
        count(*) filter (where tempo_processamento <= 24 * 3600) as dentro_do_prazo_24h
    from em_horas
    group by data_decisao
)

select * from kyc_tempo
