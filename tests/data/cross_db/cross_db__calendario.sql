with

casos as (
    -- the last microsecond of a leap day, and a Thursday
    select
        cast('2024-02-29 23:59:59.999999' as timestamp) as momento,
        20240229 as inteiro,
        4 as dia_iso,
        cast('2025-02-28' as date) as um_ano_depois,
        cast('2024-02-28' as date) as vespera
    union all
    -- a Monday, the first day that dim_data holds
    select
        cast('1990-01-01 00:00:00' as timestamp) as momento,
        19900101 as inteiro,
        1 as dia_iso,
        cast('1991-01-01' as date) as um_ano_depois,
        cast('1989-12-31' as date) as vespera
    union all
    -- a Sunday, the last day that dim_data holds
    select
        cast('2045-12-31 12:00:00' as timestamp) as momento,
        20451231 as inteiro,
        7 as dia_iso,
        cast('2046-12-31' as date) as um_ano_depois,
        cast('2045-12-30' as date) as vespera
    union all
    select
        cast(null as timestamp) as momento,
        cast(null as integer) as inteiro,
        cast(null as integer) as dia_iso,
        cast(null as date) as um_ano_depois,
        cast(null as date) as vespera
),

obtidos as (
    select
        casos.*,
        {{ data_para_inteiro('momento') }} as inteiro_obtido,
        {{ data_para_inteiro('cast(momento as date)') }} as inteiro_da_data_obtido,
        {{ dia_da_semana_iso('momento') }} as dia_iso_obtido,
        {{ somar_dias('momento', 365) }} as um_ano_depois_obtido,
        {{ somar_dias('cast(momento as date)', -1) }} as vespera_obtida
    from casos
),

cross_db__calendario as (
    select *
    from obtidos
    where
        inteiro_obtido is distinct from inteiro
        or inteiro_da_data_obtido is distinct from inteiro
        or dia_iso_obtido is distinct from dia_iso
        or um_ano_depois_obtido is distinct from um_ano_depois
        or vespera_obtida is distinct from vespera
)

select * from cross_db__calendario
