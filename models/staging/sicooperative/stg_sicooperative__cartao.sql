with

estados as (
    {{ estado_mais_recente(ref('base_sicooperative__cartao'), 'id_cartao') }}
),

categorias as (
    select distinct
        coluna,
        {{ chave_de_texto('texto') }} as chave,
        categoria
    from {{ ref('mapa_categorias') }}
),

limpos as (
    select
        *,
        {{ chave_de_texto('bandeira_cartao') }} as chave_bandeira,
        {{ chave_de_texto('tipo_cartao') }} as chave_tipo
    from estados
    where motivos is null
),

stg_sicooperative__cartao as (
    select
        {{ chave_substituta(['l.id_cartao']) }} as sk_cartao,
        l.id_cartao,
        l.id_conta,
        l.numero_cartao,
        l.numero_cartao_token,
        {{ limpar_texto('l.nome_impresso_cartao') }} as nome_impresso_cartao,
        coalesce(b.categoria, {{ limpar_texto('l.bandeira_cartao') }}) as bandeira_cartao,
        coalesce(t.categoria, {{ limpar_texto('l.tipo_cartao') }}) as tipo_cartao,
        l.data_emissao as data_emissao_cartao,
        l.excluido_na_origem,
        l._ultima_carga_id as _carga_id
    from limpos as l
    left join categorias as b on b.coluna = 'bandeira_cartao' and l.chave_bandeira = b.chave
    left join categorias as t on t.coluna = 'tipo_cartao' and l.chave_tipo = t.chave
)

select * from stg_sicooperative__cartao
