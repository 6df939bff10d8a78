{{ config(severity='warn') }}

with

associado as (
    {{ estado_mais_recente(ref('base_sicooperative__associado'), 'id_associado') }}
),

conta as (
    {{ estado_mais_recente(ref('base_sicooperative__conta'), 'id_conta') }}
),

cartao as (
    {{ estado_mais_recente(ref('base_sicooperative__cartao'), 'id_cartao') }}
),

sicooperative__valores_ilegiveis as (
    select
        'associado' as tabela,
        id_associado as chave,
        {{ regexp_substituir('_ilegiveis', '=[^;]*', '') }} as colunas
    from associado
    where not excluido_na_origem and _ilegiveis is not null
    union all
    select
        'conta' as tabela,
        id_conta as chave,
        {{ regexp_substituir('_ilegiveis', '=[^;]*', '') }} as colunas
    from conta
    where not excluido_na_origem and _ilegiveis is not null
    union all
    select
        'cartao' as tabela,
        id_cartao as chave,
        {{ regexp_substituir('_ilegiveis', '=[^;]*', '') }} as colunas
    from cartao
    where not excluido_na_origem and _ilegiveis is not null
)

select * from sicooperative__valores_ilegiveis
