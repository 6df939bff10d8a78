with

{{ contagens_de_entregas('faturas', 'valor_fatura') }},

rec_faturas as (
    {{ conferencia('contagens', ['_carga_id', 'origem', 'entrega', 'status']) }}
)

select * from rec_faturas
