{{ config(alias='cartao_historico') }}

with

estados as (
    select * from {{ ref('base_sicooperative__cartao') }}
),

saidas as (
    {{ saidas_da_quarentena(ref('base_sicooperative__cartao'), 'id_cartao') }}
),

-- A deletion holds only the key: it is no state that could be set aside.
quarentena_cartao_historico as (
    select
        e.id_cartao,
        e.id_conta,
        e.numero_cartao,
        e.numero_cartao_token,
        e.nome_impresso_cartao,
        e.bandeira_cartao,
        e.tipo_cartao,
        e.data_emissao,
        e.motivos,
        e._carga_id,
        e._tabela,
        e._linha,
        e._carregado_em as entrou_em,
        s.saiu_em
    from estados as e
    left join saidas as s on e.id_cartao = s.id_cartao and e._carga_id = s._carga_id
    where
        e.motivos is not null
        and e._operacao <> 'exclusao'
)

select * from quarentena_cartao_historico
