with

movimentacoes as (
    select * from {{ ref('base_sicooperative__movimentacao_cartao') }}
),

stg_sicooperative__movimentacao_cartao as (
    select
        id_movimentacao_cartao,
        id_cartao,
        {{ limpar_texto('descricao_movimentacao') }} as descricao_movimentacao,
        valor_movimentacao,
        data_movimentacao as data_hora_movimentacao,
        _carga_id
    from movimentacoes
    where situacao = 'vigente'
)

select * from stg_sicooperative__movimentacao_cartao
