{{ config(alias='conta') }}

with

historico as (
    select * from {{ ref('quarentena_conta_historico') }}
),

quarentena_conta as (
    select
        id_conta,
        id_associado,
        tipo_conta,
        agencia,
        situacao_conta,
        data_criacao_conta,
        motivos,
        _carga_id,
        _tabela,
        _linha,
        entrou_em as _carregado_em
    from historico
    where saiu_em is null
)

select * from quarentena_conta
