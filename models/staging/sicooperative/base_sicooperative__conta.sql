with

estados as (
    select * from {{ source('sicooperative', 'conta') }}
),

base_sicooperative__conta as (
    select
        id_conta,
        id_associado,
        tipo_conta,
        agencia,
        situacao_conta,
        -- A contract may say that the source keeps a moment.
        cast(data_criacao_conta as date) as data_criacao_conta,
        case
            when _operacao <> 'exclusao'
                then {{ lista_de_motivos(motivos_dos_ids(['id_conta', 'id_associado'])) }}
        end as motivos,
        _ilegiveis,
        _operacao,
        _carga_id,
        _tabela,
        _linha,
        _carregado_em
    from estados
)

select * from base_sicooperative__conta
