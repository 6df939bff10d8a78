with

estados as (
    select * from {{ source('sicooperative', 'cartao') }}
),

base_sicooperative__cartao as (
    select
        id_cartao,
        id_conta,
        {{ mascarar_cartao('numero_cartao') }} as numero_cartao,
        numero_cartao_token,
        nome_impresso_cartao,
        bandeira_cartao,
        tipo_cartao,
        -- A contract may say that the source keeps a moment.
        cast(data_emissao as date) as data_emissao,
        case
            when _operacao <> 'exclusao'
                then {{ lista_de_motivos(motivos_dos_ids(['id_cartao', 'id_conta'])) }}
        end as motivos,
        _ilegiveis,
        _operacao,
        _carga_id,
        _tabela,
        _linha,
        _carregado_em
    from estados
)

select * from base_sicooperative__cartao
