with

faixas as (
    select
        data_base,
        sum(qtd) as qtd,
        sum(saldo_principal) as saldo_principal,
        sum(valor_vencido) as valor_vencido,
        sum(percentual_saldo) as percentual_saldo
    from {{ ref('envelhecimento') }}
    group by data_base
),

carteira as (
    select
        data_base,
        count(*) as qtd,
        sum(saldo_principal) as saldo_principal,
        sum(valor_vencido) as valor_vencido
    from {{ ref('carteira_mensal') }}
    where situacao = 'ativo'
    group by data_base
),

envelhecimento__soma_da_carteira as (
    select coalesce(f.data_base, c.data_base) as data_base
    from faixas as f
    full outer join carteira as c on f.data_base = c.data_base
    where
        f.qtd is distinct from c.qtd
        or f.saldo_principal is distinct from c.saldo_principal
        or f.valor_vencido is distinct from c.valor_vencido
        or abs(f.percentual_saldo - 100) > 1e-6
)

select * from envelhecimento__soma_da_carteira
