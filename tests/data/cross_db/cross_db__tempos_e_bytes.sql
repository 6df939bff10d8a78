with

casos as (
    select
        1 as ordem,
        'A1' as texto,
        cast('2024-02-28 23:59:59.5' as timestamp) as inicio,
        cast('2024-03-01 00:00:00.500001' as timestamp) as fim,
        86401000001 as micros
    union all
    select
        2 as ordem,
        'B' as texto,
        cast('2024-01-01 00:00:01' as timestamp) as inicio,
        cast('2024-01-01 00:00:00.999999' as timestamp) as fim,
        -1 as micros
    union all
    select
        3 as ordem,
        'a-2' as texto,
        cast('2024-01-01' as timestamp) as inicio,
        cast('2024-01-01' as timestamp) as fim,
        0 as micros
    union all
    select
        4 as ordem,
        'a1' as texto,
        cast(null as timestamp) as inicio,
        cast('2024-01-01' as timestamp) as fim,
        null as micros
    union all
    select
        5 as ordem,
        'á' as texto,
        cast('2024-01-01' as timestamp) as inicio,
        cast(null as timestamp) as fim,
        null as micros
),

obtidos as (
    select
        casos.*,
        row_number() over (order by {{ em_bytes('texto') }}) as ordem_obtida,
        {{ microssegundos_entre('inicio', 'fim') }} as micros_obtidos
    from casos
),

cross_db__tempos_e_bytes as (
    select *
    from obtidos
    where
        ordem_obtida <> ordem
        or micros_obtidos is distinct from micros
)

select * from cross_db__tempos_e_bytes
