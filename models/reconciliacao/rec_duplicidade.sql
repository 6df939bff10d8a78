with

-- A fee of each entry may name the same thing as the entry.
lancamentos as (
    select * from {{ ref('fact_transacao') }}
    where excluido_na_fonte_em is null and id_externo is not null and categoria <> 'tarifa'
),

pagamentos as (
    select * from {{ ref('fact_pagamento_conta') }}
    where excluido_na_fonte_em is null
),

-- Nearly all stand alone: only the others are put in order.
externos_repetidos as (
    select
        id_conta,
        tipo,
        id_externo
    from lancamentos
    group by id_conta, tipo, id_externo
    having count(*) > 1
),

repetidos as (
    select
        l.*,
        row_number() over (
            partition by l.id_conta, l.tipo, l.id_externo, l.valor, l.afeta_saldo
            order by l.criada_em, {{ em_bytes('l.id_transacao') }}
        ) as ordem_entre_iguais,
        first_value(l.id_transacao) over (
            partition by l.id_conta, l.tipo, l.id_externo, l.valor, l.afeta_saldo
            order by l.criada_em, {{ em_bytes('l.id_transacao') }}
        ) as primeiro_igual,
        first_value(l.id_transacao) over (
            partition by l.id_conta, l.tipo, l.id_externo
            order by l.criada_em, {{ em_bytes('l.id_transacao') }}
        ) as primeiro
    from lancamentos as l
    inner join externos_repetidos as r
        on l.id_externo = r.id_externo and l.id_conta = r.id_conta and l.tipo = r.tipo
),

lancamentos_a_mais as (
    select
        case
            when r.afeta_saldo and r.ordem_entre_iguais > 1 then 'exata'
            else 'conflito'
        end as classe,
        r.id_transacao,
        a.id_transacao as id_transacao_anterior,
        r.id_conta,
        r.tipo,
        r.id_externo,
        r.moeda,
        r.valor,
        a.valor as valor_anterior,
        r.criada_em,
        a.criada_em as anterior_em
    from repetidos as r
    inner join lancamentos as a
        on a.id_transacao = case
            when r.afeta_saldo and r.ordem_entre_iguais > 1 then r.primeiro_igual
            else r.primeiro
        end
    where (r.afeta_saldo and r.ordem_entre_iguais > 1) or r.valor <> a.valor
),

fluxos_repetidos as (
    select id_workflow
    from pagamentos
    group by id_workflow
    having count(*) > 1
),

fluxos as (
    select
        p.id_pagamento,
        first_value(p.id_pagamento) over (
            partition by p.id_workflow
            order by p.criado_em, {{ em_bytes('p.id_pagamento') }}
        ) as primeiro
    from pagamentos as p
    inner join fluxos_repetidos as r on p.id_workflow = r.id_workflow
),

seguidos as (
    select
        id_pagamento,
        id_workflow,
        criado_em,
        lag(id_pagamento) over (
            partition by conta_origem, conta_destino, metodo, valor
            order by criado_em, {{ em_bytes('id_pagamento') }}
        ) as anterior,
        lag(id_workflow) over (
            partition by conta_origem, conta_destino, metodo, valor
            order by criado_em, {{ em_bytes('id_pagamento') }}
        ) as workflow_anterior,
        lag(criado_em) over (
            partition by conta_origem, conta_destino, metodo, valor
            order by criado_em, {{ em_bytes('id_pagamento') }}
        ) as anterior_em
    from pagamentos
    where situacao not in ('falhou', 'cancelado')
),

pagamentos_a_mais as (
    select
        'pagamento_repetido' as classe,
        id_pagamento,
        primeiro as anterior
    from fluxos
    where id_pagamento <> primeiro
    union all
    -- Of payments without a workflow nobody can say that it is the same one.
    select
        'suspeita' as classe,
        s.id_pagamento,
        s.anterior
    from seguidos as s
    left join fluxos as f on s.id_pagamento = f.id_pagamento and f.id_pagamento <> f.primeiro
    where
        {{ microssegundos_entre('s.anterior_em', 's.criado_em') }}
        <= {{ segundos_duplicidade() * 1000000 }}
        and coalesce(s.id_workflow <> s.workflow_anterior, true)
        and f.id_pagamento is null
),

rec_duplicidade as (
    select
        classe,
        id_transacao,
        id_transacao_anterior,
        cast(null as {{ tipo('text') }}) as id_pagamento,
        cast(null as {{ tipo('text') }}) as id_pagamento_anterior,
        id_conta,
        cast(null as {{ tipo('text') }}) as conta_origem,
        cast(null as {{ tipo('text') }}) as conta_destino,
        tipo,
        cast(null as {{ tipo('text') }}) as metodo,
        id_externo,
        cast(null as {{ tipo('text') }}) as id_workflow,
        moeda,
        valor,
        valor_anterior,
        criada_em as criado_em,
        anterior_em,
        true as perda
    from lancamentos_a_mais
    union all
    select
        r.classe,
        cast(null as {{ tipo('text') }}) as id_transacao,
        cast(null as {{ tipo('text') }}) as id_transacao_anterior,
        r.id_pagamento,
        r.anterior as id_pagamento_anterior,
        cast(null as {{ tipo('text') }}) as id_conta,
        p.conta_origem,
        p.conta_destino,
        cast(null as {{ tipo('text') }}) as tipo,
        p.metodo,
        cast(null as {{ tipo('text') }}) as id_externo,
        p.id_workflow,
        p.moeda,
        p.valor,
        a.valor as valor_anterior,
        p.criado_em,
        a.criado_em as anterior_em,
        r.classe <> 'suspeita' as perda
    from pagamentos_a_mais as r
    inner join pagamentos as p on r.id_pagamento = p.id_pagamento
    inner join pagamentos as a on r.anterior = a.id_pagamento
)

select * from rec_duplicidade
