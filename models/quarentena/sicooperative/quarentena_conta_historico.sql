{{ config(alias='conta_historico') }}

with

quarentena_conta_historico as (
    {{ historico_dos_estados(ref('base_sicooperative__conta'), 'id_conta', [
        'id_conta', 'id_associado', 'tipo_conta', 'agencia', 'situacao_conta',
        'data_criacao_conta',
    ]) }}
)

select * from quarentena_conta_historico
