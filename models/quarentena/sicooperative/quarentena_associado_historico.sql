{{ config(alias='associado_historico') }}

with

quarentena_associado_historico as (
    {{ historico_dos_estados(ref('base_sicooperative__associado'), 'id_associado', [
        'id_associado', 'nome', 'data_nascimento', 'estado_civil', 'escolaridade',
    ]) }}
)

select * from quarentena_associado_historico
