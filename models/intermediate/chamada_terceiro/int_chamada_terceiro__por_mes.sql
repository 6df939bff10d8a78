{{ config(materialized='table') }}

with

int_chamada_terceiro__por_mes as (
    {{ chamadas_por_janela('mes', 'month') }}
)

select * from int_chamada_terceiro__por_mes
