with

estados as (
    {{ estados_em_staging(ref('base_fintech__transactions')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__transactions'), 'situacao', ref('situacao_transacao'), ['situacao', 'afeta_saldo']
    ) }}
),

-- Cleaned and matched once for each text and not for each entry.
descricoes as (
    select
        t.texto,
        {{ limpar_texto('t.texto') }} as descricao
    from (select distinct descricao as texto from {{ ref('base_fintech__transactions') }}) as t
),

padroes as (
    select * from {{ ref('categoria_lancamento') }}
),

primeiros as (
    select
        d.descricao,
        min(p.ordem) as ordem
    from descricoes as d
    inner join padroes as p on d.descricao like p.padrao
    group by d.descricao
),

categorias as (
    select
        f.descricao,
        p.categoria
    from primeiros as f
    inner join padroes as p on f.ordem = p.ordem
),

stg_fintech__transactions as (
    select
        e.id_transacao,
        e.id_conta,
        cast(e.valor as decimal(18, 2)) as valor,
        case lower({{ sem_espacos_ao_redor('e.tipo') }})
            when 'credit' then 'credito'
            when 'debit' then 'debito'
        end as tipo,
        d.descricao,
        coalesce(c.categoria, 'outros') as categoria,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.situacao as situacao_digitada,
        -- An entry that the source has no more counts no longer.
        coalesce(
            e.excluido_na_fonte_em is null and {{ situacao_conta('s') }},
            false
        ) as afeta_saldo,
        case when not {{ em_branco('e.id_externo') }} then e.id_externo end as id_externo,
        e.criada_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao = s.texto
    left join descricoes as d on e.descricao = d.texto
    left join categorias as c on d.descricao = c.descricao
)

select * from stg_fintech__transactions
