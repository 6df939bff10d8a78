with

credito__um_sentido_por_situacao as (
    select
        situacao,
        count(*) as sentidos
    from (
        select distinct
            situacao,
            ordinal,
            final
        from {{ ref('situacao_pedido') }}
    ) as ditos
    group by situacao
    having count(*) > 1
)

select * from credito__um_sentido_por_situacao
