with

estados as (
    select * from {{ source('sicooperative', 'associado') }}
),

-- A deletion holds the key, and so is judged as well: of a bad key no state goes on.
base_sicooperative__associado as (
    select
        id_associado,
        nome,
        -- A contract may say that the source keeps a moment.
        cast(data_nascimento as date) as data_nascimento,
        estado_civil,
        escolaridade,
        {{ lista_de_motivos(motivos_dos_ids(['id_associado'])) }} as motivos,
        _ilegiveis,
        _operacao,
        _carga_id,
        _tabela,
        _linha,
        _carregado_em
    from estados
)

select * from base_sicooperative__associado
