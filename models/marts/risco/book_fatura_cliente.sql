{# DuckDB writes a view anew for each comment on a column of it; the tables carry them. #}
{{ config(materialized='view', persist_docs={'relation': true, 'columns': false}) }}

{{ livro_do_cliente_reunido() }}
