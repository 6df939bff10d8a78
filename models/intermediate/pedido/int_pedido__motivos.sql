with

pedidos as (
    select
        id_pedido,
        motivos_recusa
    from {{ ref('fact_pedido_credito') }}
    where not {{ em_branco('motivos_recusa') }}
),

-- More codes than that no refusal has.
numeros as (
    {{ dbt.generate_series(99) }}
),

mapa as (
    select distinct
        {{ chave_de_texto('valor_fonte') }} as chave,
        motivo
    from {{ ref('mapa_motivo_recusa') }}
),

codigos as (
    select
        p.id_pedido,
        n.generated_number as lugar,
        split_part(p.motivos_recusa, ';', cast(n.generated_number as integer)) as codigo
    from pedidos as p
    inner join numeros as n
        on
            length(p.motivos_recusa) - length(replace(p.motivos_recusa, ';', ''))
            >= n.generated_number - 1
),

ditos as (
    select
        c.id_pedido,
        c.lugar,
        coalesce(m.motivo, 'NAO MAPEADO') as motivo
    from codigos as c
    left join mapa as m on {{ chave_de_texto('c.codigo') }} = m.chave
    where not {{ em_branco('c.codigo') }}
),

distintos as (
    select
        id_pedido,
        motivo,
        min(lugar) as lugar
    from ditos
    group by id_pedido, motivo
),

int_pedido__motivos as (
    select
        id_pedido,
        motivo,
        row_number() over (partition by id_pedido order by lugar) = 1 as principal
    from distintos
)

select * from int_pedido__motivos
