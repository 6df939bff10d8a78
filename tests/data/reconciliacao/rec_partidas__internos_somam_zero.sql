with

internos as (
    select
        id_pagamento,
        data_credito
    from {{ ref('rec_partidas') }}
    where
        classe = 'ok'
        and situacao = 'liquidado'
        and direcao = 'interno'
        and qtd_lancamentos = 2
        and data_credito = data_debito
),

rec_partidas__internos_somam_zero as (
    select
        l.data_transacao,
        l.moeda,
        count(*) as qtd,
        sum(l.valor_assinado) as liquido
    from internos as i
    inner join {{ ref('int_pagamento_conta__lancamentos') }} as e on i.id_pagamento = e.id_pagamento
    inner join {{ ref('fact_transacao') }} as l
        on e.id_transacao = l.id_transacao and l.afeta_saldo and l.categoria <> 'tarifa'
    group by l.data_transacao, l.moeda
    having sum(l.valor_assinado) <> 0
)

select * from rec_partidas__internos_somam_zero
