with

lancamentos as (
    select * from {{ ref('fact_transacao') }}
    where excluido_na_fonte_em is null
),

estornados as (
    select
        id_transacao,
        id_conta,
        moeda,
        tipo,
        case tipo when 'credito' then 'debito' else 'credito' end as tipo_oposto,
        valor,
        categoria,
        id_externo,
        criada_em,
        row_number() over (
            partition by id_conta, tipo, valor, id_externo
            order by criada_em, {{ em_bytes('id_transacao') }}
        ) as ordem
    from lancamentos
    where situacao = 'estornada'
),

procurados as (
    select distinct
        id_conta,
        tipo_oposto,
        valor,
        id_externo
    from estornados
    where id_externo is not null
),

-- Only entries of something that was reversed are put in order.
opostos as (
    select
        l.id_transacao,
        l.id_conta,
        l.tipo,
        l.valor,
        l.id_externo,
        l.criada_em,
        row_number() over (
            partition by l.id_conta, l.tipo, l.valor, l.id_externo
            order by l.criada_em, {{ em_bytes('l.id_transacao') }}
        ) as ordem
    from lancamentos as l
    inner join procurados as e
        on
            l.id_externo = e.id_externo
            and l.id_conta = e.id_conta
            and l.tipo = e.tipo_oposto
            and l.valor = e.valor
    where l.afeta_saldo
),

rec_estorno as (
    select
        e.id_transacao,
        e.id_conta,
        e.moeda,
        e.tipo,
        e.valor,
        e.categoria,
        e.id_externo,
        e.criada_em,
        case when o.id_transacao is null then 'sem_oposto' else 'com_oposto' end as classe,
        o.id_transacao as id_transacao_oposta,
        o.criada_em as oposta_criada_em
    from estornados as e
    left join opostos as o
        on
            e.id_externo = o.id_externo
            and e.id_conta = o.id_conta
            and e.tipo_oposto = o.tipo
            and e.valor = o.valor
            and e.ordem = o.ordem
    where o.id_transacao is {{ '' if estorno_e_lancamento() else 'not ' }}null
)

select * from rec_estorno
