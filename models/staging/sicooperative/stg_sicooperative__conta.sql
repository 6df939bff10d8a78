with

estados as (
    {{ estado_mais_recente(ref('base_sicooperative__conta'), 'id_conta') }}
),

categorias as (
    select distinct
        coluna,
        {{ chave_de_texto('texto') }} as chave,
        categoria
    from {{ ref('mapa_categorias') }}
),

limpas as (
    select
        *,
        {{ limpar_texto('tipo_conta') }} as tipo_conta_digitado,
        {{ chave_de_texto('tipo_conta') }} as chave_tipo,
        {{ chave_de_texto('situacao_conta') }} as chave_situacao
    from estados
    where motivos is null
),

stg_sicooperative__conta as (
    select
        {{ chave_substituta(['l.id_conta']) }} as sk_conta,
        l.id_conta,
        l.id_associado,
        coalesce(t.categoria, l.tipo_conta_digitado) as tipo_conta,
        l.tipo_conta_digitado,
        {{ limpar_texto('l.agencia') }} as agencia,
        coalesce(s.categoria, {{ limpar_texto('l.situacao_conta') }}) as situacao_conta,
        l.data_criacao_conta,
        l.excluido_na_origem,
        l._ultima_carga_id as _carga_id
    from limpas as l
    left join categorias as t on t.coluna = 'tipo_conta' and l.chave_tipo = t.chave
    left join categorias as s on s.coluna = 'situacao_conta' and l.chave_situacao = s.chave
)

select * from stg_sicooperative__conta
