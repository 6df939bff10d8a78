{{ config(materialized='livro') }}

{{ livro_do_cliente('u12m') }}
