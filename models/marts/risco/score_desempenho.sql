{%- set grupo = ['modelo', 'versao_modelo', 'safra', 'janela_mob', 'alvo'] | join(', ') %}
{%- set ate_aqui = 'partition by ' ~ grupo
    ~ ' order by risco rows between unbounded preceding and current row' %}
with

-- Each vintage, and all of them counted together.
resultados as (
    {{ resultados_dos_contratos(ref('int_score__desempenho'), 'risco') }}
),

por_score as (
    select
        {{ grupo }},
        sentido,
        risco,
        cast(count(*) filter (where mau) as bigint) as maus,
        cast(count(*) filter (where not mau) as bigint) as bons
    from resultados
    group by {{ grupo }}, sentido, risco
),

acumulados as (
    select
        *,
        cast(sum(maus) over ({{ ate_aqui }}) as bigint) as maus_ate,
        cast(sum(bons) over ({{ ate_aqui }}) as bigint) as bons_ate,
        cast(sum(maus) over (partition by {{ grupo }}) as bigint) as maus_total,
        cast(sum(bons) over (partition by {{ grupo }}) as bigint) as bons_total
    from por_score
),

distancias as (
    select
        *,
        abs(maus_ate * bons_total - bons_ate * maus_total) as distancia,
        max(abs(maus_ate * bons_total - bons_ate * maus_total)) over (partition by {{ grupo }})
            as maior_distancia
    from acumulados
),

medidos as (
    select
        {{ grupo }},
        max(sentido) as sentido,
        cast(sum(maus + bons) as bigint) as qtd,
        cast(sum(maus) as bigint) as qtd_mau,
        cast(sum(bons) as bigint) as qtd_bom,
        {{ area_sob_a_curva('maus', 'bons', 'bons_ate') }} as auc,
        {{ distancia_maxima('maus_ate', 'bons_ate', 'maus_total', 'bons_total') }} as ks,
        min(
            case
                when distancia = maior_distancia and maus_total > 0 and bons_total > 0 then risco
            end
        ) as risco_ks
    from distancias
    group by {{ grupo }}
),

score_desempenho as (
    select
        {{ grupo }},
        qtd,
        qtd_mau,
        qtd_bom,
        100 * {{ razao('qtd_mau', 'qtd') }} as taxa_mau,
        auc,
        {{ gini('auc') }} as gini,
        ks,
        cast(case sentido when 'maior_melhor' then -risco_ks else risco_ks end as decimal(18, 6))
            as score_ks,
        qtd_mau < 30 or qtd_bom < 30 as amostra_pequena
    from medidos
)

select * from score_desempenho
