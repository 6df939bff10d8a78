{{ config(materialized='table') }}

with

int_chamada_terceiro__por_hora as (
    {{ chamadas_por_janela('hora', 'hour') }}
)

select * from int_chamada_terceiro__por_hora
