with

pagamentos as (
    select * from {{ ref('fact_pagamento_conta') }}
    where excluido_na_fonte_em is null
),

prazos as (
    select * from {{ ref('prazo_metodo') }}
),

-- Of each day before the reference date, how many business days have ended since.
dias as (
    select
        data,
        coalesce(sum(case when dia_util then 1 else 0 end) over (
            order by data
            rows between 1 following and unbounded following
        ), 0) as uteis_depois
    from {{ ref('dim_data') }}
    where data < cast('{{ dia_de_referencia() }}' as date)
),

-- The reference date begins at midnight. What is overdue then was so at the end of the day before, at
-- whatever hour of it the term ended.
situados as (
    select
        p.data_pagamento as data,
        p.metodo,
        p.direcao,
        p.moeda,
        p.situacao,
        p.valor,
        case
            when p.situacao = 'liquidado'
                then
                    {{ em_double(microssegundos_entre('p.criado_em', 'p.liquidado_em')) }}
                    / 1000000
        end as segundos,
        p.situacao = 'pendente' and coalesce(
            case z.unidade
                when 'segundo'
                    then
                        {{ dbt.dateadd('second', 'z.prazo', 'p.criado_em') }}
                        < {{ instante_de_referencia() }}
                when 'dia'
                    then
                        {{ somar_dias('p.data_pagamento', 'z.prazo') }}
                        < cast('{{ dia_de_referencia() }}' as date)
                when 'dia_util' then d.uteis_depois >= z.prazo
            end, false
        ) as vencido
    from pagamentos as p
    left join prazos as z on p.metodo = z.metodo
    left join dias as d on p.data_pagamento = d.data
),

contados as (
    select
        data,
        metodo,
        direcao,
        moeda,
        count(*) as qtd,
        sum(valor) as valor,
        count(*) filter (where situacao = 'liquidado') as qtd_liquidado,
        coalesce(sum(valor) filter (where situacao = 'liquidado'), 0) as valor_liquidado,
        count(*) filter (where situacao = 'falhou') as qtd_falha,
        count(*) filter (where situacao = 'cancelado') as qtd_cancelado,
        count(*) filter (where situacao = 'pendente') as qtd_pendente,
        count(*) filter (where vencido) as qtd_pendente_vencido,
        count(*) filter (where situacao = 'liquidado' and segundos is null) as qtd_sem_tempo,
        percentile_cont(0.5) within group (order by segundos) as segundos_p50,
        percentile_cont(0.95) within group (order by segundos) as segundos_p95,
        percentile_cont(0.99) within group (order by segundos) as segundos_p99
    from situados
    group by data, metodo, direcao, moeda
),

pagamento_diario as (
    select
        data,
        metodo,
        direcao,
        moeda,
        qtd,
        cast(valor as decimal(18, 2)) as valor,
        qtd_liquidado,
        cast(valor_liquidado as decimal(18, 2)) as valor_liquidado,
        qtd_falha,
        qtd_cancelado,
        qtd_pendente,
        qtd_pendente_vencido,
        100 * {{ razao('qtd_liquidado', '(qtd_liquidado + qtd_falha)') }} as taxa_sucesso,
        {{ em_double('segundos_p50') }} as segundos_p50,
        {{ em_double('segundos_p95') }} as segundos_p95,
        {{ em_double('segundos_p99') }} as segundos_p99,
        qtd_sem_tempo,
        {{ razao('valor_liquidado', 'qtd_liquidado') }} as ticket_medio
    from contados
)

select * from pagamento_diario
