{#
    The one definition of the customer book: windows, slices, measures and aggregations, with their
    types, units and words in both languages, and the combinations that are constant and so left
    out. Columns, YAML, dictionary and tests all come from here, through `variaveis_do_livro`;
    after a change run `python -m loaders.projeto.livro`.
#}
{% macro definicao_do_livro() -%}
    {{ return({
        'janelas': {
            'u1m': {'meses': 1, 'pt': 'no último mês', 'en': 'in the last month'},
            'u3m': {'meses': 3, 'pt': 'nos últimos 3 meses', 'en': 'in the last 3 months'},
            'u6m': {'meses': 6, 'pt': 'nos últimos 6 meses', 'en': 'in the last 6 months'},
            'u9m': {'meses': 9, 'pt': 'nos últimos 9 meses', 'en': 'in the last 9 months'},
            'u12m': {'meses': 12, 'pt': 'nos últimos 12 meses', 'en': 'in the last 12 months'},
        },
        'recortes': {
            'geral': {'coluna': none, 'classe': none, 'pt': 'faturas', 'en': 'invoices'},
            'prazo_antecipado': {
                'coluna': 'classe_prazo', 'classe': 'antecipado',
                'pt': 'faturas com o mínimo pago antes do vencimento',
                'en': 'invoices whose minimum was met before the due date',
            },
            'prazo_no_prazo': {
                'coluna': 'classe_prazo', 'classe': 'no_prazo',
                'pt': 'faturas com o mínimo pago no dia do vencimento',
                'en': 'invoices whose minimum was met on the due date',
            },
            'prazo_atrasado': {
                'coluna': 'classe_prazo', 'classe': 'atrasado',
                'pt': 'faturas com o mínimo pago depois do vencimento, ou vencidas e pagas abaixo do mínimo',
                'en': 'invoices whose minimum was met after the due date, or overdue and paid below the minimum',
            },
            'prazo_a_vencer': {
                'coluna': 'classe_prazo', 'classe': 'a_vencer',
                'pt': 'faturas a vencer sem o mínimo pago',
                'en': 'invoices not yet due whose minimum is not met',
            },
            'prazo_sem_pagamento': {
                'coluna': 'classe_prazo', 'classe': 'sem_pagamento',
                'pt': 'faturas vencidas sem nenhum pagamento',
                'en': 'overdue invoices without any payment',
            },
            'valor_sem_pagamento': {
                'coluna': 'classe_valor', 'classe': 'sem_pagamento',
                'pt': 'faturas sem nenhum pagamento',
                'en': 'invoices without any payment',
            },
            'valor_insuficiente': {
                'coluna': 'classe_valor', 'classe': 'insuficiente',
                'pt': 'faturas pagas abaixo do mínimo',
                'en': 'invoices paid below the minimum',
            },
            'valor_minimo': {
                'coluna': 'classe_valor', 'classe': 'minimo',
                'pt': 'faturas pagas exatamente no mínimo',
                'en': 'invoices paid at exactly the minimum',
            },
            'valor_parcial': {
                'coluna': 'classe_valor', 'classe': 'parcial',
                'pt': 'faturas pagas acima do mínimo e abaixo do total',
                'en': 'invoices paid above the minimum and below the total',
            },
            'valor_total': {
                'coluna': 'classe_valor', 'classe': 'total',
                'pt': 'faturas pagas exatamente no total',
                'en': 'invoices paid at exactly the total',
            },
            'valor_excedente': {
                'coluna': 'classe_valor', 'classe': 'excedente',
                'pt': 'faturas pagas acima do total',
                'en': 'invoices paid above the total',
            },
        },
        'medidas': {
            'qtd_faturas': {
                'agregacoes': {'contagem': 'integer'}, 'unidade': 'faturas',
                'pt': 'quantidade', 'en': 'number',
            },
            'valor_fatura': {
                'agregacoes': {
                    'soma': 'decimal(18,2)', 'media': 'double precision',
                    'max': 'decimal(15,2)', 'min': 'decimal(15,2)',
                },
                'unidade': 'BRL', 'pt': 'valor da fatura', 'en': 'invoice amount',
            },
            'valor_pagamento_minimo': {
                'agregacoes': {
                    'soma': 'decimal(18,2)', 'media': 'double precision',
                    'max': 'decimal(15,2)', 'min': 'decimal(15,2)',
                },
                'unidade': 'BRL', 'pt': 'pagamento mínimo', 'en': 'minimum payment',
            },
            'valor_pago': {
                'agregacoes': {
                    'soma': 'decimal(18,2)', 'media': 'double precision',
                    'max': 'decimal(18,2)', 'min': 'decimal(18,2)',
                },
                'unidade': 'BRL', 'pt': 'valor pago', 'en': 'amount paid',
            },
            'dias_atraso': {
                'agregacoes': {'media': 'double precision', 'max': 'integer', 'min': 'integer'},
                'unidade': 'dias', 'pt': 'dias de atraso', 'en': 'days late',
            },
            'percentual_pago': {
                'agregacoes': {
                    'media': 'double precision', 'max': 'double precision',
                    'min': 'double precision',
                },
                'unidade': '%', 'pt': 'percentual pago', 'en': 'percentage paid',
                'pode_faltar': true,
            },
        },
        'agregacoes': {
            'contagem': {'pt': '', 'en': ''},
            'soma': {'pt': 'soma', 'en': 'sum'},
            'media': {'pt': 'média', 'en': 'average'},
            'max': {'pt': 'máximo', 'en': 'maximum'},
            'min': {'pt': 'mínimo', 'en': 'minimum'},
        },
        'constantes': {
            'prazo_antecipado': ['dias_atraso'],
            'prazo_no_prazo': ['dias_atraso'],
            'prazo_a_vencer': ['dias_atraso'],
            'prazo_sem_pagamento': ['valor_pago', 'percentual_pago'],
            'valor_sem_pagamento': ['valor_pago', 'percentual_pago'],
            'valor_total': ['percentual_pago'],
        },
    }) }}
{%- endmacro %}
