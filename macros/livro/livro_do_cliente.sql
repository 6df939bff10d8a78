{# The customer book of some windows, the largest of them last, in one pass over the invoices. #}
{% macro livro_do_cliente(nome, janelas, faturas_na_ref_data, faturas_emitidas) -%}
with

faturas as {{ calculada_uma_vez() }} (
    select
        id_cliente,
        classe_prazo,
        classe_valor,
        {{ medidas_nas_janelas(janelas) }}
    from {{ faturas_na_ref_data }}
    where data_emissao >= {{ inicio_da_janela(janelas | list | last) }}
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

{{ celulas_dos_recortes('faturas', janelas) }},

{{ nome }} as (
    select
        {{ ref_date_do_lote() }} as ref_date,
        clientes.id_cliente,
        {{ variaveis_das_celulas(janelas) }}
    from clientes
    {{ juncao_das_celulas('clientes') }}
)

select * from {{ nome }}
{%- endmacro %}

{# A window of the book, out of the table that holds all. #}
{% macro janela_do_livro(nome, janela, livro) -%}
with

book_fatura_cliente as (
    select * from {{ livro }}
),

{{ nome }} as (
    select
        ref_date,
        id_cliente,
        {{ variaveis_do_livro(janela) | map(attribute='nome') | join(',\n        ') }}
    from book_fatura_cliente
)

select * from {{ nome }}
{%- endmacro %}
