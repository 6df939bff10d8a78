with

carteira as (
    select * from {{ ref('carteira_mensal') }}
),

somas as (
    select
        data_base,
        count(*) filter (where situacao = 'ativo') as contratos_ativos,
        sum(case when situacao = 'ativo' then saldo_principal else 0 end) as carteira_ativa,
        {%- for dias in (0, 30, 60, 90) %}
        sum(case
            when situacao = 'ativo' and dias_atraso > {{ dias }} then saldo_principal
            else 0
        end) as saldo_acima_{{ dias }},
        {%- endfor %}
        sum(case when situacao = 'ativo' and divisao_aproximada then saldo_principal else 0 end)
            as saldo_aproximado,
        sum(case when situacao = 'baixado' then saldo_principal else 0 end) as valor_baixado_mes
    from carteira
    group by data_base
),

par as (
    select
        data_base,
        contratos_ativos,
        cast(carteira_ativa as decimal(18, 2)) as carteira_ativa,
        100 * {{ razao('saldo_acima_0', 'carteira_ativa') }} as par1,
        {%- for dias in (30, 60, 90) %}
        100 * {{ razao('saldo_acima_' ~ dias, 'carteira_ativa') }} as par{{ dias }},
        {%- endfor %}
        100 * {{ razao('saldo_aproximado', 'carteira_ativa') }} as percentual_aproximado,
        cast(valor_baixado_mes as decimal(18, 2)) as valor_baixado_mes,
        false as inclui_reestruturados
    from somas
)

select * from par
