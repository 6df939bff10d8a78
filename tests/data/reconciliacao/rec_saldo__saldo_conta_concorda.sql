with

cargas as (
    select
        extraido_em,
        max(case when origem = 'accounts' then _carga_id end) as carga_das_contas
    from {{ source('controle', 'cargas') }}
    where
        fonte = 'fintech'
        and origem in ('accounts', 'transactions')
        and status in ('ok', 'sem_novidade')
    group by extraido_em
),

ultima as (
    select max(extraido_em) as extraido_em
    from cargas
),

comparaveis as (
    select c.extraido_em
    from cargas as c
    inner join ultima as u on c.extraido_em = u.extraido_em
    where c.carga_das_contas is not null
),

conferidos as (
    select
        r.id_conta,
        r.saldo_recalculado
    from {{ ref('rec_saldo') }} as r
    inner join comparaveis as c on r.data_hora_extracao = {{ em_utc('c.extraido_em') }}
),

saldos as (
    select
        id_conta,
        saldo_final
    from {{ ref('saldo_conta') }}
    where valido_ate = cast('9999-12-31' as date)
),

rec_saldo__saldo_conta_concorda as (
    select
        c.id_conta,
        c.saldo_recalculado,
        s.saldo_final
    from conferidos as c
    left join saldos as s on c.id_conta = s.id_conta
    left join {{ ref('stg_fintech__saldo_abertura') }} as a on c.id_conta = a.id_conta
    where c.saldo_recalculado <> coalesce(s.saldo_final, a.saldo, 0)
)

select * from rec_saldo__saldo_conta_concorda
