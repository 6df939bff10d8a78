{{ config(alias='movimentacao_cartao_historico') }}

with

quarentena_movimentacao_cartao_historico as (
    {{ historico_dos_estados(
        ref('base_sicooperative__movimentacao_cartao'), 'id_movimentacao_cartao', [
            'id_movimentacao_cartao', 'id_cartao', 'descricao_movimentacao', 'valor_movimentacao',
            'data_movimentacao', '_ilegiveis',
        ]
    ) }}
)

select * from quarentena_movimentacao_cartao_historico
