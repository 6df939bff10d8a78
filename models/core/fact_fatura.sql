{{ config(pre_hook="{{ sem_lacos_aninhados() }}") }}

with

faturas as (
    select * from {{ ref('stg_pod_cartoes__faturas') }}
),

pagamentos as (
    select
        id_fatura,
        data_pagamento,
        valor_pagamento
    from {{ ref('fact_pagamento') }}
    where fatura_encontrada
),

totais as (
    select
        id_fatura,
        sum(valor_pagamento) as valor_pago,
        count(*) as quantidade_pagamentos,
        min(data_pagamento) as data_primeiro_pagamento,
        max(data_pagamento) as data_ultimo_pagamento
    from pagamentos
    group by id_fatura
),

-- Most invoices are paid on one day. Only the others need their days in order, so that the
-- payments as a whole are not sorted.
dias as (
    select
        p.id_fatura,
        p.data_pagamento,
        sum(p.valor_pagamento) as valor_do_dia
    from pagamentos as p
    inner join totais as t on p.id_fatura = t.id_fatura
    where t.data_primeiro_pagamento < t.data_ultimo_pagamento
    group by p.id_fatura, p.data_pagamento
),

acumulados as (
    select
        id_fatura,
        data_pagamento,
        sum(valor_do_dia) over (
            partition by id_fatura
            order by data_pagamento
            rows between unbounded preceding and current row
        ) as valor_acumulado
    from dias
),

alcances as (
    select
        a.id_fatura,
        min(a.data_pagamento) filter (where a.valor_acumulado >= f.valor_pagamento_minimo)
            as data_minimo_atingido,
        min(a.data_pagamento) filter (where a.valor_acumulado >= f.valor_fatura)
            as data_quitacao
    from acumulados as a
    inner join faturas as f on a.id_fatura = f.id_fatura
    group by a.id_fatura
),

-- No payment is zero or less, so a minimum or a total of 0 is reached on the day of the first.
fact_fatura as (
    select
        f.id_fatura,
        f.id_cliente,
        {{ data_para_inteiro('f.data_emissao') }} as sk_data_emissao,
        {{ data_para_inteiro('f.data_vencimento') }} as sk_data_vencimento,
        f.data_emissao,
        f.data_vencimento,
        f.valor_fatura,
        f.valor_pagamento_minimo,
        cast(coalesce(t.valor_pago, 0) as decimal(18, 2)) as valor_pago,
        cast(coalesce(t.quantidade_pagamentos, 0) as integer) as quantidade_pagamentos,
        t.data_primeiro_pagamento,
        t.data_ultimo_pagamento,
        case
            when a.id_fatura is not null then a.data_minimo_atingido
            when t.valor_pago >= f.valor_pagamento_minimo then t.data_primeiro_pagamento
        end as data_minimo_atingido,
        case
            when a.id_fatura is not null then a.data_quitacao
            when t.valor_pago >= f.valor_fatura then t.data_primeiro_pagamento
        end as data_quitacao,
        f._carga_id
    from faturas as f
    left join totais as t on f.id_fatura = t.id_fatura
    left join alcances as a on f.id_fatura = a.id_fatura
)

select * from fact_fatura
