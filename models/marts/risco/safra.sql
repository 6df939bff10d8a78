{%- set limites = (30, 60, 90) %}

with

carteira as (
    select * from {{ ref('carteira_mensal') }}
),

-- What left the portfolio in a month counts in all later ones, too, as it stood in its last.
por_mob as (
    select
        safra,
        produto,
        mob,
        count(*) as linhas,
        sum(valor_originado) as valor,
        count(*) filter (where situacao = 'baixado') as baixados,
        count(*) filter (where situacao = 'quitado') as quitados
        {%- for dias in limites %}
        {%- set atingiu = "(dias_atraso_maximo > " ~ dias ~ " or situacao = 'baixado')" %},
        count(*) filter (where {{ atingiu }}) as qtd_{{ dias }},
        count(*) filter (where {{ atingiu }} and situacao <> 'ativo') as qtd_{{ dias }}_saida,
        coalesce(sum(valor_originado) filter (where {{ atingiu }}), 0) as valor_{{ dias }},
        coalesce(sum(valor_originado) filter (
            where {{ atingiu }} and situacao <> 'ativo'
        ), 0) as valor_{{ dias }}_saida
        {%- endfor %}
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

-- Every month end before the reference date, also those at which no contract is left.
celulas as (
    select
        s.*,
        cast(n.n - 1 as integer) as mob
    from safras as s
    inner join {{ numeros_ate(1200) }} as n (n)
        on
            n.n <= {{ mes_corrido("cast('" ~ dia_de_referencia() ~ "' as date)") }}
            - {{ mes_corrido('s.safra') }}
),

acumuladas as (
    select
        c.safra,
        c.mob,
        c.produto,
        c.contratos,
        c.valor_originado,
        sum(coalesce(p.baixados, 0)) over ate_o_mes as baixados,
        sum(coalesce(p.quitados, 0)) over ate_o_mes as quitados
        {%- for dias in limites %}
        {%- for medida in ('qtd', 'valor') %}
        {%- set nome = medida ~ '_' ~ dias %},
        coalesce(p.{{ nome }}, 0) - coalesce(p.{{ nome }}_saida, 0)
        + sum(coalesce(p.{{ nome }}_saida, 0)) over ate_o_mes as {{ nome }}
        {%- endfor %}
        {%- endfor %}
    from celulas as c
    left join por_mob as p on c.safra = p.safra and c.produto = p.produto and c.mob = p.mob
    window ate_o_mes as (
        partition by c.safra, c.produto
        order by c.mob
        rows between unbounded preceding and current row
    )
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
