{{
    config(
        materialized='livro',
        pre_hook=["{{ sem_lacos_aninhados() }}", "{{ memoria_de_trabalho(64) }}"],
        meta={'faturas_por_lote': 1500000 if target.type == 'duckdb' else 300000},
        indexes=[{'columns': ['ref_date', 'id_cliente'], 'unique': true}]
        if target.type == 'postgres' else [],
    )
}}

{{ livro_do_cliente('u12m') }}
