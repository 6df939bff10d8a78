{{ config(alias='associado') }}

with

historico as (
    select * from {{ ref('quarentena_associado_historico') }}
),

quarentena_associado as (
    select
        id_associado,
        nome,
        data_nascimento,
        estado_civil,
        escolaridade,
        motivos,
        _carga_id,
        _tabela,
        _linha,
        entrou_em as _carregado_em
    from historico
    where saiu_em is null
)

select * from quarentena_associado
