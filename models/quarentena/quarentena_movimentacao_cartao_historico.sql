{{ config(alias='movimentacao_cartao_historico') }}

with

estados as (
    select * from {{ ref('base_sicooperative__movimentacao_cartao') }}
),

julgados as (
    select
        *,
        {{ lista_de_motivos({
            'id_movimentacao_cartao em branco': "trim(coalesce(id_movimentacao_cartao, '')) = ''",
            'id_cartao em branco': "trim(coalesce(id_cartao, '')) = ''",
            'valor_movimentacao em branco': 'valor_movimentacao is null',
            'data_movimentacao em branco': 'data_movimentacao is null',
            'data_movimentacao antes de 1990-01-01':
                "data_movimentacao < cast('1990-01-01' as timestamp)",
            'data_movimentacao mais de 5 anos depois da carga': 'data_movimentacao > data_maxima',
        }) }} as motivos
    from estados
    where _operacao <> 'exclusao'
),

quarentena as (
    select *
    from julgados
    where motivos is not null
),

-- A row leaves quarantine when the next state of its key lands, whatever that state is.
saidas as (
    select
        q.id_movimentacao_cartao,
        q._carga_id,
        min(e._carregado_em) as saiu_em
    from quarentena as q
    inner join estados as e
        on q.id_movimentacao_cartao = e.id_movimentacao_cartao and q._carga_id < e._carga_id
    group by q.id_movimentacao_cartao, q._carga_id
),

quarentena_movimentacao_cartao_historico as (
    select
        q.id_movimentacao_cartao,
        q.id_cartao,
        q.descricao_movimentacao,
        q.valor_movimentacao,
        q.data_movimentacao,
        q.motivos,
        q._carga_id,
        q._tabela,
        q._linha,
        q._carregado_em as entrou_em,
        s.saiu_em
    from quarentena as q
    left join saidas as s
        on q.id_movimentacao_cartao = s.id_movimentacao_cartao and q._carga_id = s._carga_id
)

select * from quarentena_movimentacao_cartao_historico
