with

estados as (
    {{ estado_mais_recente(ref('base_sicooperative__conta'), 'id_conta') }}
),

stg_sicooperative__conta as (
    select
        {{ chave_substituta(['id_conta']) }} as sk_conta,
        id_conta,
        id_associado,
        {{ limpar_texto('tipo_conta') }} as tipo_conta,
        {{ limpar_texto('agencia') }} as agencia,
        {{ limpar_texto('situacao_conta') }} as situacao_conta,
        data_criacao_conta,
        excluido_na_origem,
        _ultima_carga_id as _carga_id
    from estados
    where motivos is null
)

select * from stg_sicooperative__conta
