{{ config(materialized='view') }}

{{ livro_do_cliente_reunido() }}
