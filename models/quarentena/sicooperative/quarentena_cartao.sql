{{ config(alias='cartao') }}

with

historico as (
    select * from {{ ref('quarentena_cartao_historico') }}
),

quarentena_cartao as (
    select
        id_cartao,
        id_conta,
        numero_cartao,
        numero_cartao_token,
        nome_impresso_cartao,
        bandeira_cartao,
        tipo_cartao,
        data_emissao,
        motivos,
        _carga_id,
        _tabela,
        _linha,
        entrou_em as _carregado_em
    from historico
    where saiu_em is null
)

select * from quarentena_cartao
