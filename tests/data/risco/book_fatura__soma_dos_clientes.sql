{%- set livros = {
    'u1m': ref('book_fatura_cliente_u1m'),
    'u3m': ref('book_fatura_cliente_u3m'),
    'u6m': ref('book_fatura_cliente_u6m'),
    'u9m': ref('book_fatura_cliente_u9m'),
    'u12m': ref('book_fatura_cliente_u12m'),
} %}

with

carteira as (
    select * from {{ ref('book_fatura') }}
),

clientes as (
    {%- for janela, livro in livros.items() %}
    select
        ref_date,
        '{{ janela | upper }}' as periodo,
        sum({{ janela }}_geral_qtd_faturas) as faturas,
        sum({{ janela }}_geral_valor_fatura_soma) as valor_faturas,
        sum({{ janela }}_geral_valor_pago_soma) as valor_pago,
        count(*) filter (where {{ janela }}_geral_qtd_faturas > 0) as clientes
    from {{ livro }}
    group by ref_date
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

book_fatura__soma_dos_clientes as (
    select
        a.ref_date,
        a.periodo
    from carteira as a
    left join clientes as c on a.ref_date = c.ref_date and a.periodo = c.periodo
    where
        a.total_faturas <> coalesce(c.faturas, 0)
        or a.valor_total_faturas <> coalesce(c.valor_faturas, 0)
        or a.valor_total_pagamentos <> coalesce(c.valor_pago, 0)
        or a.total_clientes <> coalesce(c.clientes, 0)
)

select * from book_fatura__soma_dos_clientes
