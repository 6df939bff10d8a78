{%- set medidas = [
    'ever30', 'ever60', 'ever90', 'valor_ever30', 'valor_ever60', 'valor_ever90', 'baixados',
    'quitados',
] %}
{%- set curva = '(partition by safra, produto order by mob)' %}

with

safras as (
    select * from {{ ref('safra') }}
),

vizinhas as (
    select
        safra,
        produto,
        mob,
        contratos,
        valor_originado,
        lag(mob) over {{ curva }} as mob_antes,
        lag(contratos) over {{ curva }} as contratos_antes,
        {%- for medida in medidas %}
        {{ medida }},
        lag({{ medida }}) over {{ curva }} as {{ medida }}_antes,
        {%- endfor %}
        lag(valor_originado) over {{ curva }} as valor_originado_antes
    from safras
),

safra__curvas_nunca_caem as (
    select
        safra,
        produto,
        mob
    from vizinhas
    where
        coalesce(mob_antes, -1) <> mob - 1
        or contratos <> coalesce(contratos_antes, contratos)
        or valor_originado <> coalesce(valor_originado_antes, valor_originado)
        {%- for medida in medidas %}
        or {{ medida }} < {{ medida }}_antes
        {%- endfor %}
)

select * from safra__curvas_nunca_caem
