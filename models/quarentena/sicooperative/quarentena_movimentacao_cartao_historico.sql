{{ config(alias='movimentacao_cartao_historico') }}

with

estados as (
    select * from {{ ref('base_sicooperative__movimentacao_cartao') }}
),

saidas as (
    {{ saidas_da_quarentena(
        ref('base_sicooperative__movimentacao_cartao'), 'id_movimentacao_cartao'
    ) }}
),

-- A deletion holds only the key: it is no state that could be set aside.
quarentena_movimentacao_cartao_historico as (
    select
        e.id_movimentacao_cartao,
        e.id_cartao,
        e.descricao_movimentacao,
        e.valor_movimentacao,
        e.data_movimentacao,
        e._ilegiveis,
        e.motivos,
        e._carga_id,
        e._tabela,
        e._linha,
        e._carregado_em as entrou_em,
        s.saiu_em
    from estados as e
    left join saidas as s
        on
            e.id_movimentacao_cartao = s.id_movimentacao_cartao
            and e._carga_id = s._carga_id
    where
        e.motivos is not null
        and e._operacao <> 'exclusao'
)

select * from quarentena_movimentacao_cartao_historico
