{{
    config(
        materialized='incremental',
        full_refresh=false,
        partition_by='livro' if target.type == 'spark' else none,
    )
}}

with

-- Made empty once; the tables of the books write to it, each in its own transaction. It stays on
-- --full-refresh, being the list of the ref_dates that the books hold and keep true.
int_livro__calculados as (
    select
        cast(null as {{ dbt.type_string() }}) as livro,
        cast(null as date) as ref_date,
        cast(null as {{ dbt.type_string() }}) as impressao,
        cast(null as {{ tipo('timestamptz') }}) as calculado_em
    where false
)

select * from int_livro__calculados
