{{ config(materialized='table') }}

with

int_chamada_terceiro__por_dia as (
    {{ chamadas_por_janela('dia', 'day') }}
)

select * from int_chamada_terceiro__por_dia
