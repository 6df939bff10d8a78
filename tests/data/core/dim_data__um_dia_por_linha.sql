with

contagem as (
    select
        count(*) as linhas,
        count(distinct data) as dias,
        min(data) as primeiro_dia,
        max(data) as ultimo_dia,
        count(*) filter (where sk_data = 0) as linhas_desconhecidas
    from {{ ref('dim_data') }}
),

dim_data__um_dia_por_linha as (
    select
        linhas,
        dias,
        primeiro_dia,
        ultimo_dia,
        linhas_desconhecidas
    from contagem
    where
        primeiro_dia is distinct from cast('1990-01-01' as date)
        or ultimo_dia is distinct from cast('2045-12-31' as date)
        -- distinct days that fill the interval leave no gap
        or dias <> {{ dbt.datediff(
            "cast('1990-01-01' as date)", "cast('2045-12-31' as date)", 'day'
        ) }} + 1
        or linhas_desconhecidas <> 1
        or linhas <> dias + 1
)

select * from dim_data__um_dia_por_linha
