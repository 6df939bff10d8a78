with

pedidos as (
    select
        *,
        row_number() over (
            partition by id_contrato order by desembolsado_em, {{ em_bytes('id_pedido') }}
        ) as vez
    from {{ ref('fact_pedido_credito') }}
    where desembolsado_em is not null
),

emprestimos as (
    select * from {{ ref('fact_emprestimo') }}
    where data_desembolso is not null
),

-- Where one of the two sources is empty there is nothing to compare.
ha as (
    select
        (select count(id_contrato) from pedidos) > 0
        and (select count(*) from emprestimos) > 0 as os_dois
),

comparados as (
    select
        p.id_pedido,
        coalesce(p.id_contrato, e.id_emprestimo) as id_contrato,
        case
            when e.id_emprestimo is null then 'pedido_sem_emprestimo'
            when p.id_pedido is null then 'emprestimo_sem_pedido'
            when p.vez > 1 then 'contrato_repetido'
            when coalesce(p.valor_aprovado, -1) <> coalesce(e.valor_aprovado, -1)
                then 'valor_difere'
        end as classe,
        p.valor_aprovado as valor_do_pedido,
        e.valor_aprovado as valor_do_emprestimo,
        {{ data_local('p.desembolsado_em') }} as data_no_pedido,
        e.data_desembolso as data_no_emprestimo
    from pedidos as p
    full outer join emprestimos as e on p.id_contrato = e.id_emprestimo
),

rec_originacao as (
    select
        c.id_pedido,
        c.id_contrato,
        c.classe,
        c.valor_do_pedido,
        c.valor_do_emprestimo,
        c.data_no_pedido,
        c.data_no_emprestimo
    from comparados as c
    cross join ha
    where c.classe is not null and ha.os_dois
)

select * from rec_originacao
