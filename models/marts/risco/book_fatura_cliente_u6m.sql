{{ livro_depende_de() }}
{{ livro_da_janela(
    'u6m',
    faturas_na_ref_data=ref('int_livro__fatura_na_ref_data'),
    faturas_emitidas=ref('fact_fatura'),
) }}
