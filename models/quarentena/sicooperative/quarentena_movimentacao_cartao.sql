{{ config(alias='movimentacao_cartao') }}

with

historico as (
    select * from {{ ref('quarentena_movimentacao_cartao_historico') }}
),

quarentena_movimentacao_cartao as (
    select
        id_movimentacao_cartao,
        id_cartao,
        descricao_movimentacao,
        valor_movimentacao,
        data_movimentacao,
        motivos,
        _ilegiveis,
        _carga_id,
        _tabela,
        _linha,
        entrou_em as _carregado_em
    from historico
    where saiu_em is null
)

select * from quarentena_movimentacao_cartao
