{{ config(pre_hook="{{ sem_lacos_aninhados() }}") }}

with

pagamentos as (
    select * from {{ ref('fact_pagamento_conta') }}
    where excluido_na_fonte_em is null
),

-- A fee is an entry of its own, whatever it names.
lancamentos as (
    select * from {{ ref('fact_transacao') }}
    where afeta_saldo and categoria <> 'tarifa'
),

elos as (
    select * from {{ ref('int_pagamento_conta__lancamentos') }}
),

-- Opposite entries of one account and amount undo each other, one by one, so that all that remain are of
-- one type: the later ones of it.
saldados as (
    select
        e.id_pagamento,
        l.id_conta,
        l.valor,
        count(*) as lancados,
        count(*) filter (where l.tipo = 'credito')
        - count(*) filter (where l.tipo = 'debito') as creditos_a_mais,
        max(l.data_transacao) filter (where l.tipo = 'credito') as data_ultimo_credito,
        max(l.data_transacao) filter (where l.tipo = 'debito') as data_ultimo_debito
    from lancamentos as l
    inner join elos as e on l.id_transacao = e.id_transacao
    group by e.id_pagamento, l.id_conta, l.valor
),

-- Each remaining entry against the one that is expected of its type.
restantes as (
    select
        s.id_pagamento,
        s.valor,
        s.lancados,
        greatest(s.creditos_a_mais, 0) as creditos,
        greatest(-s.creditos_a_mais, 0) as debitos,
        case when s.creditos_a_mais > 0 then s.data_ultimo_credito end as data_credito,
        case when s.creditos_a_mais < 0 then s.data_ultimo_debito end as data_debito,
        s.creditos_a_mais <> 0 and s.valor <> p.valor as de_outro_valor,
        (s.creditos_a_mais > 0 and coalesce(s.id_conta <> p.conta_destino, true))
        or (s.creditos_a_mais < 0 and coalesce(s.id_conta <> p.conta_origem, true))
            as de_outra_conta
    from saldados as s
    inner join pagamentos as p on s.id_pagamento = p.id_pagamento
),

somados as (
    select
        id_pagamento,
        sum(lancados) as qtd_lancamentos,
        sum(creditos) as qtd_creditos,
        sum(debitos) as qtd_debitos,
        sum(creditos * valor) as creditos,
        sum(debitos * valor) as debitos,
        max(data_credito) as data_credito,
        max(data_debito) as data_debito,
        max(case when de_outra_conta then 1 else 0 end) as de_outra_conta,
        max(case when de_outro_valor then 1 else 0 end) as de_outro_valor
    from restantes
    group by id_pagamento
),

completos as (
    select
        p.id_pagamento,
        p.conta_origem,
        p.conta_destino,
        p.direcao,
        p.metodo,
        p.situacao,
        p.moeda,
        p.valor,
        p.criado_em,
        p.data_pagamento,
        cast(coalesce(s.qtd_lancamentos, 0) as bigint) as qtd_lancamentos,
        cast(coalesce(s.qtd_creditos, 0) as bigint) as qtd_creditos,
        cast(coalesce(s.qtd_debitos, 0) as bigint) as qtd_debitos,
        cast(coalesce(s.creditos, 0) as decimal(18, 2)) as creditos,
        cast(coalesce(s.debitos, 0) as decimal(18, 2)) as debitos,
        s.data_credito,
        s.data_debito,
        coalesce(s.de_outra_conta, 0) = 1 as de_outra_conta,
        coalesce(s.de_outro_valor, 0) = 1 as de_outro_valor,
        case when p.direcao = 'saida' then 0 else 1 end as creditos_devidos,
        case when p.direcao = 'entrada' then 0 else 1 end as debitos_devidos
    from pagamentos as p
    left join somados as s on p.id_pagamento = s.id_pagamento
),

rec_partidas as (
    select
        id_pagamento,
        conta_origem,
        conta_destino,
        direcao,
        metodo,
        situacao,
        moeda,
        valor,
        criado_em,
        data_pagamento,
        qtd_lancamentos,
        qtd_creditos,
        qtd_debitos,
        creditos,
        debitos,
        data_credito,
        data_debito,
        case
            when situacao <> 'liquidado' and qtd_creditos + qtd_debitos = 0 then 'ok'
            when situacao <> 'liquidado' then 'lancado_sem_liquidacao'
            when
                qtd_creditos = creditos_devidos
                and qtd_debitos = debitos_devidos
                and not de_outra_conta
                and not de_outro_valor
                then 'ok'
            when qtd_creditos + qtd_debitos = 0 then 'sem_lancamento'
            when direcao = 'interno' and (qtd_creditos = 0 or qtd_debitos = 0) then 'meia_partida'
            when de_outra_conta then 'conta_divergente'
            when de_outro_valor then 'valor_divergente'
            else 'duplicado'
        end as classe
    from completos
)

select * from rec_partidas
