{%- set referencia = "cast('" ~ dia_de_referencia() ~ "' as date)" %}
{%- set fim_desempenho = somar_meses('ref_date', meses_desempenho()) %}

with

-- The narrowest table of the book: all windows hold the same customers.
livro as (
    select
        ref_date,
        id_cliente
    from {{ ref('book_fatura_cliente_u1m') }}
),

-- Of an invoice the 60th day has to end before anybody can say that it is bad.
faturas as (
    select
        id_cliente,
        data_vencimento,
        valor_pagamento_minimo,
        data_minimo_atingido,
        valor_pagamento_minimo > 0
        and {{ somar_dias('data_vencimento', dias_alvo()) }} < {{ referencia }}
        and coalesce(
            data_minimo_atingido > {{ somar_dias('data_vencimento', dias_alvo()) }}, true
        ) as ma
    from {{ ref('fact_fatura') }}
),

ref_datas as (
    select
        ref_date,
        {{ fim_desempenho }} as fim_desempenho,
        {{ somar_dias('ref_date', -dias_alvo()) }} as inicio_tolerancia,
        {{ somar_dias(fim_desempenho, dias_alvo()) }} <= {{ referencia }} as maduro
    from livro
    group by ref_date
),

em_ordem as (
    select
        ref_date,
        maduro,
        row_number() over (partition by maduro order by ref_date desc) as posto
    from ref_datas
),

desempenho as (
    select
        r.ref_date,
        f.id_cliente,
        count(*) filter (where f.ma) as mas
    from ref_datas as r
    inner join faturas as f
        on r.ref_date <= f.data_vencimento and r.fim_desempenho > f.data_vencimento
    group by r.ref_date, f.id_cliente
),

inadimplentes as (
    select distinct
        r.ref_date,
        f.id_cliente
    from ref_datas as r
    inner join faturas as f on r.inicio_tolerancia > f.data_vencimento
    where
        f.valor_pagamento_minimo > 0
        and coalesce(f.data_minimo_atingido >= r.ref_date, true)
),

amostra_modelagem as (
    select
        l.ref_date,
        l.id_cliente,
        case
            when d.mas > 0 then 1
            when d.mas = 0 and o.maduro then 0
        end as alvo,
        o.maduro,
        case
            when i.id_cliente is not null then 'ja_inadimplente'
            when d.id_cliente is null then 'sem_fatura_no_desempenho'
            when not o.maduro then 'imaturo'
        end as exclusao,
        case
            when o.maduro and o.posto <= {{ meses_fora_do_tempo() }} then 'fora_do_tempo'
            when {{ em_bytes('left(md5(l.id_cliente), 4)') }} < 'b333' then 'desenvolvimento'
            else 'validacao'
        end as particao
    from livro as l
    inner join em_ordem as o on l.ref_date = o.ref_date
    left join desempenho as d on l.ref_date = d.ref_date and l.id_cliente = d.id_cliente
    left join inadimplentes as i on l.ref_date = i.ref_date and l.id_cliente = i.id_cliente
)

select * from amostra_modelagem
