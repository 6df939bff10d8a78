{%- set limites = (30, 60, 90) %}
{%- set ate_o_mes = 'partition by c.safra, c.produto order by c.mob'
    ~ ' rows between unbounded preceding and current row' %}

with

carteira as (
    select * from {{ ref('carteira_mensal') }}
),

calendario as (
    select * from {{ ref('dim_data') }}
    where data <= cast('{{ dia_de_referencia() }}' as date)
),

-- What left the portfolio in a month counts in all later ones, too, as it stood in its last.
por_mob as (
    select
        safra,
        produto,
        mob,
        {%- for dias in limites %}
        {%- set atingiu = "(dias_atraso_maximo > " ~ dias ~ " or situacao = 'baixado')" %}
        count(*) filter (where {{ atingiu }}) as qtd_{{ dias }},
        count(*) filter (where {{ atingiu }} and situacao <> 'ativo') as qtd_{{ dias }}_saida,
        sum(case when {{ atingiu }} then valor_originado else 0 end) as valor_{{ dias }},
        sum(
            case when {{ atingiu }} and situacao <> 'ativo' then valor_originado else 0 end
        ) as valor_{{ dias }}_saida,
        {%- endfor %}
        count(*) filter (where situacao = 'baixado') as baixados,
        count(*) filter (where situacao = 'quitado') as quitados,
        count(*) as linhas,
        sum(valor_originado) as valor
    from carteira
    group by safra, produto, mob
),

safras as (
    select
        safra,
        produto,
        linhas as contratos,
        valor as valor_originado
    from por_mob
    where mob = 0
),

-- Every month end before the reference date, also those at which no contract is left. A month that has
-- ended is told by the first day of the next one.
celulas as (
    select
        s.safra,
        s.produto,
        s.contratos,
        s.valor_originado,
        cast(c.ano * 12 + c.mes - 1 - {{ mes_corrido('s.safra') }} as integer) as mob
    from safras as s
    inner join calendario as c on s.safra < c.data
    where c.dia = 1
),

acumuladas as (
    select
        c.safra,
        c.mob,
        c.produto,
        c.contratos,
        c.valor_originado,
        {%- for dias in limites %}
        {%- for medida in ('qtd', 'valor') %}
        {%- set nome = medida ~ '_' ~ dias %}
        coalesce(p.{{ nome }}, 0) - coalesce(p.{{ nome }}_saida, 0)
        + sum(coalesce(p.{{ nome }}_saida, 0)) over ({{ ate_o_mes }}) as {{ nome }},
        {%- endfor %}
        {%- endfor %}
        sum(coalesce(p.baixados, 0)) over ({{ ate_o_mes }}) as baixados,
        sum(coalesce(p.quitados, 0)) over ({{ ate_o_mes }}) as quitados
    from celulas as c
    left join por_mob as p on c.safra = p.safra and c.produto = p.produto and c.mob = p.mob
),

safra as (
    select
        safra,
        mob,
        produto,
        contratos,
        cast(valor_originado as decimal(18, 2)) as valor_originado,
        {%- for dias in limites %}
        cast(qtd_{{ dias }} as bigint) as ever{{ dias }},
        {%- endfor %}
        {%- for dias in limites %}
        100 * {{ razao('qtd_' ~ dias, 'contratos') }} as percentual_ever{{ dias }},
        {%- endfor %}
        {%- for dias in limites %}
        cast(valor_{{ dias }} as decimal(18, 2)) as valor_ever{{ dias }},
        {%- endfor %}
        {%- for dias in limites %}
        100 * {{ razao('valor_' ~ dias, 'valor_originado') }} as percentual_valor_ever{{ dias }},
        {%- endfor %}
        cast(baixados as bigint) as baixados,
        cast(quitados as bigint) as quitados
    from acumuladas
)

select * from safra
