{{ config(alias='conta_historico') }}

with

estados as (
    select * from {{ ref('base_sicooperative__conta') }}
),

saidas as (
    {{ saidas_da_quarentena(ref('base_sicooperative__conta'), 'id_conta') }}
),

-- A deletion holds only the key: it is no state that could be set aside.
quarentena_conta_historico as (
    select
        e.id_conta,
        e.id_associado,
        e.tipo_conta,
        e.agencia,
        e.situacao_conta,
        e.data_criacao_conta,
        e.motivos,
        e._carga_id,
        e._tabela,
        e._linha,
        e._carregado_em as entrou_em,
        s.saiu_em
    from estados as e
    left join saidas as s on e.id_conta = s.id_conta and e._carga_id = s._carga_id
    where
        e.motivos is not null
        and e._operacao <> 'exclusao'
)

select * from quarentena_conta_historico
