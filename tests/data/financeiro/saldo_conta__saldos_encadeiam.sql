with

vizinhos as (
    select
        s.id_conta,
        s.valido_de,
        s.valido_ate,
        s.saldo_inicial,
        coalesce(
            lag(s.saldo_final) over (partition by s.id_conta order by s.valido_de),
            a.saldo,
            0
        ) as saldo_devido,
        coalesce(
            lead(s.valido_de) over (partition by s.id_conta order by s.valido_de),
            cast('9999-12-31' as date)
        ) as fim_devido
    from {{ ref('saldo_conta') }} as s
    left join {{ ref('stg_fintech__saldo_abertura') }} as a on s.id_conta = a.id_conta
),

saldo_conta__saldos_encadeiam as (
    select *
    from vizinhos
    where
        saldo_inicial <> saldo_devido
        or valido_ate <> fim_devido
        or valido_ate <= valido_de
)

select * from saldo_conta__saldos_encadeiam
