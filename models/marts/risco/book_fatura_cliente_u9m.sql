{{ config(materialized='view' if livro_numa_tabela() else 'livro') }}

{% if livro_numa_tabela() %}
{{ janela_do_livro('book_fatura_cliente_u9m', 'u9m', livro=ref('book_fatura_cliente')) }}
{% else %}
{{ livro_depende_de() }}
{{ livro_do_cliente(
    'book_fatura_cliente_u9m',
    ['u9m'],
    faturas_na_ref_data=ref('int_livro__fatura_na_ref_data'),
    faturas_emitidas=ref('fact_fatura'),
) }}
{% endif %}
