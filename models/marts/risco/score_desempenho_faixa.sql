{%- set grupo = ['modelo', 'versao_modelo', 'safra', 'janela_mob', 'alvo'] | join(', ') %}
{%- set em_ordem = 'partition by ' ~ grupo
    ~ ' order by lugar nulls last, faixa_score rows between unbounded preceding and current row' %}
with

resultados as (
    {{ resultados_dos_contratos(ref('int_score__desempenho'), 'faixa_score') }}
),

faixas as (
    select * from {{ ref('faixa_score') }}
),

por_faixa as (
    select
        {{ grupo }},
        sentido,
        faixa_score,
        count(*) as qtd,
        count(*) filter (where mau) as qtd_mau,
        count(*) filter (where not mau) as qtd_bom
    from resultados
    group by {{ grupo }}, sentido, faixa_score
),

-- From the worst band on.
com_lugar as (
    select
        p.*,
        case p.sentido when 'maior_melhor' then f.minimo else -f.minimo end as lugar
    from por_faixa as p
    left join faixas as f
        on
            p.modelo = f.modelo
            and p.versao_modelo = f.versao_modelo
            and p.faixa_score = f.faixa
),

acumuladas as (
    select
        *,
        sum(qtd_mau) over ({{ em_ordem }}) as maus_ate,
        sum(qtd_bom) over ({{ em_ordem }}) as bons_ate,
        sum(qtd_mau) over (partition by {{ grupo }}) as maus_total,
        sum(qtd_bom) over (partition by {{ grupo }}) as bons_total,
        row_number() over ({{ em_ordem }}) as ordem
    from com_lugar
),

score_desempenho_faixa as (
    select
        {{ grupo }},
        faixa_score,
        cast(ordem as integer) as ordem,
        qtd,
        qtd_mau,
        100 * {{ razao('qtd_mau', 'qtd') }} as taxa_mau,
        100 * {{ razao('maus_ate', 'maus_total') }} as percentual_acumulado_maus,
        100 * {{ razao('bons_ate', 'bons_total') }} as percentual_acumulado_bons,
        {{ razao('qtd_mau * (maus_total + bons_total)', 'qtd * maus_total') }} as lift
    from acumuladas
)

select * from score_desempenho_faixa
