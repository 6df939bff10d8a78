with

estados as (
    {{ estado_mais_recente(ref('base_sicooperative__cartao'), 'id_cartao') }}
),

stg_sicooperative__cartao as (
    select
        {{ chave_substituta(['id_cartao']) }} as sk_cartao,
        id_cartao,
        id_conta,
        numero_cartao,
        numero_cartao_token,
        {{ limpar_texto('nome_impresso_cartao') }} as nome_impresso_cartao,
        {{ limpar_texto('bandeira_cartao') }} as bandeira_cartao,
        {{ limpar_texto('tipo_cartao') }} as tipo_cartao,
        data_emissao as data_emissao_cartao,
        excluido_na_origem,
        _ultima_carga_id as _carga_id
    from estados
    where motivos is null
)

select * from stg_sicooperative__cartao
