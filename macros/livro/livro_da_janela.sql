{# The customer book of one window: its five tables are this query, each over its own months. #}
{% macro livro_da_janela(janela, faturas_na_ref_data, faturas_emitidas) -%}
with

faturas as (
    select * from {{ faturas_na_ref_data }}
),

-- Of the longest window, so that the tables of all windows hold the same customers.
clientes as (
    select distinct id_cliente
    from {{ faturas_emitidas }}
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
    where data_emissao >= {{ inicio_da_janela(janela) }}
    group by grouping sets (
        (id_cliente),
        (id_cliente, classe_prazo),
        (id_cliente, classe_valor)
    )
),

book_fatura_cliente_{{ janela }} as (
    select
        {{ ref_date_do_lote() }} as ref_date,
        clientes.id_cliente,
        {{ variaveis_das_celulas(janela) }}
    from clientes
    {{ juncao_das_celulas('clientes', 'celulas') }}
)

select * from book_fatura_cliente_{{ janela }}
{%- endmacro %}
