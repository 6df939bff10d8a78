with

lancamentos as (
    select * from {{ ref('fact_transacao') }}
    where afeta_saldo
),

elos as (
    select e.id_transacao
    from {{ ref('int_pagamento_conta__lancamentos') }} as e
    inner join {{ ref('fact_pagamento_conta') }} as p on e.id_pagamento = p.id_pagamento
    where p.excluido_na_fonte_em is null
),

rec_lancamento_sem_pagamento as (
    select
        l.data_transacao as data,
        l.categoria,
        l.moeda,
        count(*) as qtd,
        cast(sum(case when l.tipo = 'credito' then l.valor else 0 end) as decimal(18, 2))
            as creditos,
        cast(sum(case when l.tipo = 'debito' then l.valor else 0 end) as decimal(18, 2))
            as debitos,
        cast(sum(l.valor_assinado) as decimal(18, 2)) as liquido
    from lancamentos as l
    left join elos as e on l.id_transacao = e.id_transacao
    where e.id_transacao is null
    group by l.data_transacao, l.categoria, l.moeda
)

select * from rec_lancamento_sem_pagamento
