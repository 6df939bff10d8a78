with

parcelas as (
    select * from {{ ref('stg_fintech__loan_payments') }}
),

emprestimos as (
    select * from {{ ref('fact_emprestimo') }}
),

numeradas as (
    select
        id_parcela,
        row_number() over (
            partition by id_emprestimo
            order by data_vencimento, {{ em_bytes('id_parcela') }}
        ) as numero
    from parcelas
    where excluido_na_fonte_em is null
),

com_dia as (
    select
        *,
        {{ data_local('pago_em') }} as dia_do_pagamento
    from parcelas
),

fact_parcela as (
    select
        p.id_parcela,
        p.id_emprestimo,
        cast(n.numero as integer) as numero,
        p.data_vencimento,
        p.valor,
        p.situacao,
        p.pago_em,
        -- Paid without a moment counts as paid on the day it was due; a payment before the disbursement,
        -- or without the status, as none.
        case
            when p.situacao <> 'PAGA' then cast(null as date)
            when p.pago_em is null then p.data_vencimento
            when p.dia_do_pagamento < e.data_desembolso then cast(null as date)
            else p.dia_do_pagamento
        end as data_paga,
        p.excluido_na_fonte_em,
        p._carga_id
    from com_dia as p
    left join numeradas as n on p.id_parcela = n.id_parcela
    left join emprestimos as e on p.id_emprestimo = e.id_emprestimo
)

select * from fact_parcela
