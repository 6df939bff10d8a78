-- depends_on: {{ ref('snap_fintech__usuario') }}

with

dim_usuario__nenhuma_extracao_espera as (
    {{ extracoes_a_espera('snap_fintech__usuario', 'fintech', 'users') }}
)

select * from dim_usuario__nenhuma_extracao_espera
