{%- set limites = (10, 30, 60) %}
{%- set referencia = "cast('" ~ dia_de_referencia() ~ "' as date)" %}

with

emprestimos as (
    select * from {{ ref('int_carteira__emprestimos') }}
),

-- A cancelled instalment is never due.
parcelas as (
    select
        id_emprestimo,
        data_vencimento,
        coalesce(
            {{ dias_entre('data_vencimento', 'data_paga') }}, 999999
        ) as atraso,
        row_number() over (
            partition by id_emprestimo
            order by numero
        ) as ordem
    from {{ ref('cronograma_conferido') }}
    where situacao <> 'CANCELADA'
),

iniciais as (
    select
        id_emprestimo,
        max(data_vencimento) filter (where ordem = 1) as primeiro_vencimento,
        max(atraso) filter (where ordem = 1) as primeiro_atraso,
        max(data_vencimento) filter (where ordem = 2) as segundo_vencimento,
        max(atraso) filter (where ordem = 2) as segundo_atraso
    from parcelas
    where ordem <= 2
    group by id_emprestimo
),

-- Observable when the day on which the delay would be x + 1 has ended.
julgados as (
    select
        cast(date_trunc('month', e.data_desembolso) as date) as safra,
        {%- for dias in limites %}
        {{ somar_dias('i.primeiro_vencimento', dias + 1) }} < {{ referencia }}
            as observavel_{{ dias }},
        {%- endfor %}
        {{ somar_dias('i.segundo_vencimento', 31) }} < {{ referencia }} as observavel_spd,
        i.primeiro_atraso,
        i.segundo_atraso
    from emprestimos as e
    left join iniciais as i on e.id_emprestimo = i.id_emprestimo
),

contados as (
    select
        safra,
        count(*) as contratos,
        {%- for dias in limites %}
        count(*) filter (where observavel_{{ dias }}) as contratos_observaveis_{{ dias }},
        count(*) filter (
            where observavel_{{ dias }} and primeiro_atraso > {{ dias }}
        ) as fpd_{{ dias }},
        {%- endfor %}
        count(*) filter (where observavel_spd) as contratos_observaveis_spd,
        count(*) filter (
            where observavel_spd and segundo_atraso > 30 and primeiro_atraso <= 30
        ) as spd_30
    from julgados
    group by safra
),

inadimplencia_inicial as (
    select
        safra,
        contratos,
        {%- for dias in limites %}
        contratos_observaveis_{{ dias }},
        fpd_{{ dias }},
        100 * {{ razao('fpd_' ~ dias, 'contratos_observaveis_' ~ dias) }}
            as percentual_fpd_{{ dias }},
        {%- endfor %}
        contratos_observaveis_spd,
        spd_30,
        100 * {{ razao('spd_30', 'contratos_observaveis_spd') }} as percentual_spd_30
    from contados
)

select * from inadimplencia_inicial
