with

politicas as (
    select
        {{ chave_de_texto('produto') }} as produto,
        valido_de,
        valido_ate
    from {{ ref('politica_credito') }}
),

em_ordem as (
    select
        *,
        lead(valido_de) over (partition by produto order by valido_de, valido_ate) as seguinte
    from politicas
),

credito__uma_politica_por_dia as (
    select *
    from em_ordem
    where
        valido_de >= valido_ate
        or valido_ate > seguinte
)

select * from credito__uma_politica_por_dia
