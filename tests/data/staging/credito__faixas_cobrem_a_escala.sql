{%- set em_ordem = 'partition by f.modelo, f.versao_modelo order by f.minimo, f.maximo' %}
with

em_ordem as (
    select
        f.modelo,
        f.versao_modelo,
        f.faixa,
        f.minimo,
        f.maximo,
        m.score_minimo,
        m.score_maximo,
        lag(f.maximo) over ({{ em_ordem }}) as anterior,
        lead(f.minimo) over ({{ em_ordem }}) as seguinte
    from {{ ref('faixa_score') }} as f
    inner join {{ ref('modelo_score') }} as m on f.modelo = m.modelo
),

credito__faixas_cobrem_a_escala as (
    select *
    from em_ordem
    where
        minimo >= maximo
        or minimo <> coalesce(anterior, score_minimo)
        or maximo <> coalesce(seguinte, score_maximo)
)

select * from credito__faixas_cobrem_a_escala
