{{ livro_depende_de() }}
with

faturas as (
    select * from {{ ref('int_livro__fatura_na_ref_data') }}
),

-- Of the longest window, so that the tables of all windows hold the same customers.
clientes as (
    select distinct id_cliente
    from {{ ref('fact_fatura') }}
    where
        data_emissao < {{ ref_date_do_lote() }}
        and data_emissao >= {{ inicio_da_janela('u12m') }}
        and {{ clientes_do_lote('id_cliente') }}
),

-- One grouping set each for all invoices, for the classes of one kind and for those of the other.
celulas as (
    select
        id_cliente,
        classe_prazo,
        classe_valor,
        classe_prazo is null and classe_valor is null as geral,
        {{ agregados_da_celula() }}
    from faturas
    where data_emissao >= {{ inicio_da_janela('u3m') }}
    group by grouping sets (
        (id_cliente),
        (id_cliente, classe_prazo),
        (id_cliente, classe_valor)
    )
),

book_fatura_cliente_u3m as (
    select
        {{ ref_date_do_lote() }} as ref_date,
        clientes.id_cliente,
        {{ variaveis_das_celulas('u3m') }}
    from clientes
    {{ juncao_das_celulas('clientes', 'celulas') }}
)

select * from book_fatura_cliente_u3m
