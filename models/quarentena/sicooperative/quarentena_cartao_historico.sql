{{ config(alias='cartao_historico') }}

with

quarentena_cartao_historico as (
    {{ historico_dos_estados(ref('base_sicooperative__cartao'), 'id_cartao', [
        'id_cartao', 'id_conta', 'numero_cartao', 'numero_cartao_token',
        'nome_impresso_cartao', 'bandeira_cartao', 'tipo_cartao', 'data_emissao',
    ]) }}
)

select * from quarentena_cartao_historico
