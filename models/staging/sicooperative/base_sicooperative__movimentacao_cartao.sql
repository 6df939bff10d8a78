with

estados as (
    select * from {{ source('sicooperative', 'movimentacao_cartao') }}
),

cargas as (
    select * from {{ source('controle', 'cargas') }}
),

-- Nearly every movement has one state. Only keys that were ever seen twice need their newest one
-- looked up, so the table is not sorted by key.
mais_recentes as (
    select
        e.id_movimentacao_cartao,
        max(e._carga_id) as _carga_id
    from estados as e
    where
        e.id_movimentacao_cartao in (
            select r.id_movimentacao_cartao
            from estados as r
            where r._operacao <> 'inclusao'
        )
    group by e.id_movimentacao_cartao
),

limites as (
    select
        _carga_id,
        {{ dbt.dateadd('year', 5, em_utc('inicio')) }} as data_maxima
    from cargas
),

situados as (
    select
        e.*,
        m._carga_id as _carga_id_mais_recente,
        l.data_maxima
    from estados as e
    left join mais_recentes as m on e.id_movimentacao_cartao = m.id_movimentacao_cartao
    left join limites as l on e._carga_id = l._carga_id
),

julgados as (
    select
        *,
        case
            when _operacao <> 'exclusao'
                then {{ lista_de_motivos(dict(
                    motivos_dos_ids(['id_movimentacao_cartao', 'id_cartao']),
                    **{
                        'valor_movimentacao em branco':
                            'valor_movimentacao is null and not ' ~ ilegivel('valor_movimentacao'),
                        'valor_movimentacao ilegível':
                            'valor_movimentacao is null and ' ~ ilegivel('valor_movimentacao'),
                        'data_movimentacao em branco':
                            'data_movimentacao is null and not ' ~ ilegivel('data_movimentacao'),
                        'data_movimentacao ilegível':
                            'data_movimentacao is null and ' ~ ilegivel('data_movimentacao'),
                        'data_movimentacao antes de 1990-01-01':
                            "data_movimentacao < cast('1990-01-01' as timestamp)",
                        'data_movimentacao mais de 5 anos depois da carga':
                            'data_movimentacao > data_maxima',
                    }
                )) }}
        end as motivos
    from situados
),

base_sicooperative__movimentacao_cartao as (
    select
        id_movimentacao_cartao,
        id_cartao,
        descricao_movimentacao,
        valor_movimentacao,
        data_movimentacao,
        case
            when _carga_id_mais_recente > _carga_id then 'substituida'
            when _operacao = 'exclusao' then 'excluida'
            when motivos is not null then 'quarentena'
            else 'vigente'
        end as situacao,
        motivos,
        _ilegiveis,
        _operacao,
        _carga_id,
        _tabela,
        _linha,
        _carregado_em
    from julgados
)

select * from base_sicooperative__movimentacao_cartao
