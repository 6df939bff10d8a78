with

amostra as (
    select * from {{ ref('amostra_modelagem') }}
),

amostra_modelagem__cliente_numa_particao as (
    select id_cliente
    from amostra
    where particao <> 'fora_do_tempo'
    group by id_cliente
    having count(distinct particao) > 1
)

select * from amostra_modelagem__cliente_numa_particao
