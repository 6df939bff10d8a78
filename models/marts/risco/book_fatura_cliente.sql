{# Each comment on a column writes the entry of all anew: a thousand take a second. The windows carry them. #}
{{
    config(
        materialized='livro' if livro_numa_tabela() else 'view',
        persist_docs={'relation': true, 'columns': false},
    )
}}

{% if livro_numa_tabela() %}
{{ livro_depende_de() }}
{{ livro_do_cliente(
    'book_fatura_cliente',
    definicao_do_livro().janelas,
    faturas_na_ref_data=ref('int_livro__fatura_na_ref_data'),
    faturas_emitidas=ref('fact_fatura'),
) }}
{% else %}
with

u1m as (
    select * from {{ ref('book_fatura_cliente_u1m') }}
),

u3m as (
    select * from {{ ref('book_fatura_cliente_u3m') }}
),

u6m as (
    select * from {{ ref('book_fatura_cliente_u6m') }}
),

u9m as (
    select * from {{ ref('book_fatura_cliente_u9m') }}
),

u12m as (
    select * from {{ ref('book_fatura_cliente_u12m') }}
),

-- Each holds the same customers of the same ref_dates, so no row is lost or doubled.
book_fatura_cliente as (
    select
        u1m.ref_date,
        u1m.id_cliente,
        {%- for v in variaveis_do_livro() %}
        {{ v.janela }}.{{ v.nome }}{{ ',' if not loop.last }}
        {%- endfor %}
    from u1m
    inner join u3m on u1m.ref_date = u3m.ref_date and u1m.id_cliente = u3m.id_cliente
    inner join u6m on u1m.ref_date = u6m.ref_date and u1m.id_cliente = u6m.id_cliente
    inner join u9m on u1m.ref_date = u9m.ref_date and u1m.id_cliente = u9m.id_cliente
    inner join u12m on u1m.ref_date = u12m.ref_date and u1m.id_cliente = u12m.id_cliente
)

select * from book_fatura_cliente
{% endif %}
