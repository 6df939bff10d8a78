{{ config(alias='associado_historico') }}

with

estados as (
    select * from {{ ref('base_sicooperative__associado') }}
),

saidas as (
    {{ saidas_da_quarentena(ref('base_sicooperative__associado'), 'id_associado') }}
),

-- A deletion holds only the key: it is no state that could be set aside.
quarentena_associado_historico as (
    select
        e.id_associado,
        e.nome,
        e.data_nascimento,
        e.estado_civil,
        e.escolaridade,
        e.motivos,
        e._carga_id,
        e._tabela,
        e._linha,
        e._carregado_em as entrou_em,
        s.saiu_em
    from estados as e
    left join saidas as s on e.id_associado = s.id_associado and e._carga_id = s._carga_id
    where
        e.motivos is not null
        and e._operacao <> 'exclusao'
)

select * from quarentena_associado_historico
