{%- set base_fixa = psi_base() %}
with

andamento as (
    select * from {{ ref('int_pedido__na_referencia') }}
    where passo > 0
),

pedidos as (
    select * from {{ ref('fact_pedido_credito') }}
),

valores as (
    select
        p.modelo_politica as modelo,
        cast(date_trunc('month', {{ data_local('p.submetido_em') }}) as date) as mes,
        {{ em_double('p.score_decisao') }} as valor
    from andamento as a
    inner join pedidos as p on a.id_pedido = p.id_pedido
    where p.modelo_politica is not null
),

por_mes as (
    select
        modelo,
        mes,
        count(*) as qtd,
        count(valor) as qtd_com_score,
        {{ valores_em_ordem('valor') }} as valores
    from valores
    group by modelo, mes
),

-- Each month beside its base, which has rows, too.
pares as (
    select
        a.modelo,
        a.mes,
        b.mes as mes_base,
        a.qtd,
        {%- for decil in range(1, 10) %}
        {{ percentil('b.valores', decil, 10) }} as d{{ decil }},
        {%- endfor %}
        b.qtd as qtd_base
    from por_mes as a
    inner join por_mes as b
        on
            a.modelo = b.modelo
            {%- if base_fixa %}
            and b.mes = cast('{{ base_fixa }}' as date)
            {%- else %}
            and {{ somar_meses('b.mes', 1) }} = a.mes
            {%- endif %}
),

lados as (
    select
        p.modelo,
        p.mes,
        v.valor,
        1 as atual,
        0 as base
    from pares as p
    inner join valores as v on p.modelo = v.modelo and p.mes = v.mes
    union all
    select
        p.modelo,
        p.mes,
        v.valor,
        0 as atual,
        1 as base
    from pares as p
    inner join valores as v on p.modelo = v.modelo and p.mes_base = v.mes
),

-- What is null is a bin of its own; between equal cuts there is none.
por_faixa as (
    select
        l.modelo,
        l.mes,
        case when l.valor is null then 0 else {{ faixa_do_decil('l.valor', 'p.d') }} end as faixa,
        sum(l.atual) as qtd_atual,
        sum(l.base) as qtd_base
    from lados as l
    inner join pares as p on l.modelo = p.modelo and l.mes = p.mes
    group by
        l.modelo,
        l.mes,
        case when l.valor is null then 0 else {{ faixa_do_decil('l.valor', 'p.d') }} end
),

somadas as (
    select
        p.modelo,
        p.mes,
        p.mes_base,
        p.qtd,
        p.qtd_base,
        sum({{ parcela_de_divergencia('f.qtd_atual', 'p.qtd', 'f.qtd_base', 'p.qtd_base') }}) as psi
    from pares as p
    inner join por_faixa as f on p.modelo = f.modelo and p.mes = f.mes
    group by p.modelo, p.mes, p.mes_base, p.qtd, p.qtd_base
),

score_estabilidade as (
    select
        mes,
        mes_base,
        modelo,
        'score' as variavel,
        {{ em_double('psi') }} as psi,
        case
            when psi < 0.10 then 'estavel'
            when psi < 0.25 then 'atencao'
            else 'instavel'
        end as classe,
        qtd,
        qtd_base
    from somadas
)

select * from score_estabilidade
