{{ config(materialized='livro') }}

{{ livro_depende_de() }}
with

faturas as (
    select * from {{ ref('int_livro__fatura_na_ref_data') }}
),

ref_datas as (
    select * from {{ ref('int_livro__ref_datas') }}
),

periodos as (
    {%- for janela, da_janela in definicao_do_livro().janelas.items() %}
    select
        '{{ janela | upper }}' as periodo,
        {{ da_janela.meses }} as meses,
        {{ inicio_da_janela(janela) }} as inicio_janela
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Each invoice is looked at once: a window is the sum of the months that it adds to the smaller one.
faixas as (
    select
        menor_janela,
        count(*) as faturas,
        sum(valor_fatura) as valor_faturas,
        sum(quantidade_pagamentos) as pagamentos,
        sum(valor_pago) as valor_pagamentos,
        count(*) filter (where classe_prazo in ('antecipado', 'no_prazo')) as no_prazo,
        count(*) filter (where inadimplente) as inadimplentes,
        sum(saldo) filter (where inadimplente) as saldo_inadimplente,
        count(*) filter (where dias_atraso > 0) as atrasadas,
        sum(dias_atraso) as dias_atraso,
        max(dias_atraso) as max_dias_atraso
    from faturas
    group by menor_janela
),

-- A customer enters with the smallest window that holds an invoice of theirs.
entradas as (
    select
        c.menor_janela,
        count(*) as clientes
    from (
        select
            id_cliente,
            min(menor_janela) as menor_janela
        from faturas
        group by id_cliente
    ) as c
    group by c.menor_janela
),

totais as (
    select
        p.periodo,
        p.inicio_janela,
        coalesce(sum(f.faturas), 0) as faturas,
        coalesce(sum(f.valor_faturas), 0) as valor_faturas,
        coalesce(sum(f.pagamentos), 0) as pagamentos,
        coalesce(sum(f.valor_pagamentos), 0) as valor_pagamentos,
        sum(f.no_prazo) as no_prazo,
        sum(f.inadimplentes) as inadimplentes,
        coalesce(sum(f.saldo_inadimplente), 0) as saldo_inadimplente,
        coalesce(sum(f.atrasadas), 0) as atrasadas,
        sum(f.dias_atraso) as dias_atraso,
        max(f.max_dias_atraso) as max_dias_atraso,
        coalesce(sum(e.clientes), 0) as clientes
    from periodos as p
    left join faixas as f on p.meses >= f.menor_janela
    left join entradas as e on f.menor_janela = e.menor_janela
    group by p.periodo, p.inicio_janela
),

book_fatura as (
    select
        {{ ref_date_do_lote() }} as ref_date,
        periodo,
        inicio_janela,
        {{ ref_date_do_lote() }} as fim_janela,
        cast(faturas as bigint) as total_faturas,
        cast(valor_faturas as decimal(18, 2)) as valor_total_faturas,
        {{ razao('valor_faturas', 'faturas') }} as valor_medio_faturas,
        cast(pagamentos as bigint) as total_pagamentos,
        cast(valor_pagamentos as decimal(18, 2)) as valor_total_pagamentos,
        {{ razao('valor_pagamentos', 'pagamentos') }} as valor_medio_pagamentos,
        100 * {{ razao('no_prazo', 'faturas') }} as percentual_pagamento_prazo,
        100 * {{ razao('inadimplentes', 'faturas') }} as percentual_inadimplencia,
        cast(atrasadas as bigint) as total_atrasos,
        100 * {{ razao('atrasadas', 'faturas') }} as percentual_atrasos,
        {{ razao('dias_atraso', 'atrasadas') }} as media_dias_atraso,
        cast(max_dias_atraso as integer) as max_dias_atraso,
        cast(saldo_inadimplente as decimal(18, 2)) as valor_inadimplente,
        100 * {{ razao('valor_pagamentos', 'valor_faturas') }} as percentual_valor_pago,
        cast(clientes as bigint) as total_clientes,
        {{ razao('valor_faturas', 'clientes') }} as media_fatura_por_cliente,
        {{ razao('valor_pagamentos', 'clientes') }} as media_pagamento_por_cliente
    from totais
    where
        exists (
            select 1
            from ref_datas as r
            where r.ref_date = {{ ref_date_do_lote() }} and r.ha_faturas
        )
)

select * from book_fatura
