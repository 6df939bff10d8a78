-- depends_on: {{ ref('snap_sicooperative__associado') }}

with

dim_associado__nenhuma_extracao_espera as (
    {{ extracoes_a_espera('snap_sicooperative__associado', 'sicooperative', 'associado') }}
)

select * from dim_associado__nenhuma_extracao_espera
