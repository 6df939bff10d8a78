{# The variables of the portfolio book, in the order of its columns; the window is in its rows. #}
{% macro variaveis_da_carteira() -%}
    {%- set linhas = [
        ['total_faturas', 'qtd_faturas', 'contagem', 'bigint', 'faturas',
            'Faturas emitidas na janela.', 'Invoices issued in the window.'],
        ['valor_total_faturas', 'valor_fatura', 'soma', 'decimal(18,2)', 'BRL',
            'Soma do valor das faturas.', 'Sum of the invoice amounts.'],
        ['valor_medio_faturas', 'valor_fatura', 'media', 'double precision', 'BRL',
            'Valor médio por fatura.', 'Average amount of an invoice.'],
        ['total_pagamentos', 'qtd_pagamentos', 'contagem', 'bigint', 'pagamentos',
            'Pagamentos das faturas da janela, feitos antes da ref_date.',
            "Payments of the window's invoices made before the ref_date."],
        ['valor_total_pagamentos', 'valor_pago', 'soma', 'decimal(18,2)', 'BRL',
            'Soma desses pagamentos.', 'Sum of those payments.'],
        ['valor_medio_pagamentos', 'valor_pago', 'media', 'double precision', 'BRL',
            'Valor médio por pagamento.', 'Average amount of a payment.'],
        ['percentual_pagamento_prazo', 'classe_prazo', 'percentual', 'double precision', '%',
            'Faturas com o mínimo pago até o vencimento, por 100 faturas.',
            'Invoices whose minimum was met by the due date, per 100 invoices.'],
        ['percentual_inadimplencia', 'inadimplente', 'percentual', 'double precision', '%',
            'Faturas inadimplentes, por 100 faturas.', 'Invoices in default, per 100 invoices.'],
        ['total_atrasos', 'dias_atraso', 'contagem', 'bigint', 'faturas',
            'Faturas com algum dia de atraso.', 'Invoices with at least one day late.'],
        ['percentual_atrasos', 'dias_atraso', 'percentual', 'double precision', '%',
            'Faturas com algum dia de atraso, por 100 faturas.',
            'Invoices with at least one day late, per 100 invoices.'],
        ['media_dias_atraso', 'dias_atraso', 'media', 'double precision', 'dias',
            'Média de dias de atraso das faturas atrasadas.',
            'Average days late of the invoices that are late.'],
        ['max_dias_atraso', 'dias_atraso', 'max', 'integer', 'dias',
            'Maior atraso; 0 onde nenhuma atrasou.', 'Most days late; 0 where none is late.'],
        ['valor_inadimplente', 'saldo', 'soma', 'decimal(18,2)', 'BRL',
            'Soma do saldo das faturas inadimplentes.', 'Sum of what invoices in default still owe.'],
        ['percentual_valor_pago', 'valor_pago', 'percentual', 'double precision', '%',
            'Soma paga por 100 da soma faturada.', 'Sum paid, per 100 of the sum invoiced.'],
        ['total_clientes', 'id_cliente', 'contagem', 'bigint', 'clientes',
            'Clientes com fatura na janela.', 'Customers with an invoice in the window.'],
        ['media_fatura_por_cliente', 'valor_fatura', 'media', 'double precision', 'BRL',
            'Valor faturado por cliente.', 'Amount invoiced per customer.'],
        ['media_pagamento_por_cliente', 'valor_pago', 'media', 'double precision', 'BRL',
            'Valor pago por cliente.', 'Amount paid per customer.'],
    ] -%}
    {%- set variaveis = [] -%}
    {%- for linha in linhas -%}
        {%- do variaveis.append({
            'nome': linha[0],
            'livro': 'book_fatura',
            'janela': 'periodo',
            'recorte': 'geral',
            'medida': linha[1],
            'agregacao': linha[2],
            'tipo': linha[3],
            'unidade': linha[4],
            'descricao': linha[5],
            'descricao_ingles': linha[6],
        }) -%}
    {%- endfor -%}
    {{ return(variaveis) }}
{%- endmacro %}
