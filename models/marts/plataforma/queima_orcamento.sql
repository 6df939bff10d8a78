{%- set orcamento = erros_em_cem_mil() %}
{%- set na_hora = {'5min': 55, '30min': 30, '1h': 0} %}
{%- set varias_horas = {'6h': 5, '3d': 71} %}
with

chamadas as (
    select
        provedor,
        endpoint,
        chamada_em,
        extract(minute from chamada_em) as minuto,
        resultado <> 'disjuntor_aberto' as chegou,
        ruim
    from {{ ref('fact_chamada_terceiro') }}
),

por_hora as (
    select
        provedor,
        endpoint,
        cast(date_trunc('hour', chamada_em) as timestamp) as hora,
        {%- for janela, minuto in na_hora.items() %}
        count(*) filter (where chegou and minuto >= {{ minuto }}) as chamadas_{{ janela }},
        count(*) filter (where ruim and minuto >= {{ minuto }}) as ruins_{{ janela }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from chamadas
    group by provedor, endpoint, date_trunc('hour', chamada_em)
),

numeradas as (
    select
        por_hora.*,
        cast({{ em_microssegundos('hora') }} / 3600000000 as bigint) as numero
    from por_hora
),

somadas as (
    select
        provedor,
        endpoint,
        hora,
        {%- for janela in na_hora %}
        chamadas_{{ janela }},
        ruins_{{ janela }},
        {%- endfor %}
        {%- for janela, antes in varias_horas.items() %}
        {%- for medida in ['chamadas', 'ruins'] %}
        sum({{ medida }}_1h) over (
            partition by provedor, endpoint
            order by numero
            range between {{ antes }} preceding and current row
        ) as {{ medida }}_{{ janela }}{{ ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from numeradas
),

queimas as (
    select
        provedor,
        endpoint,
        hora,
        {%- for janela in na_hora.keys() | list + varias_horas.keys() | list %}
        {{ razao('ruins_' ~ janela ~ ' * 100000', 'chamadas_' ~ janela ~ ' * ' ~ orcamento) }}
            as queima_{{ janela }}{{ ',' if not loop.last }}
        {%- endfor %}
    from somadas
),

queima_orcamento as (
    select
        provedor,
        endpoint,
        hora,
        queima_5min,
        queima_30min,
        queima_1h,
        queima_6h,
        queima_3d,
        coalesce(queima_1h >= 14.4 and queima_5min >= 14.4, false)
        or coalesce(queima_6h >= 6 and queima_30min >= 6, false) as alerta
    from queimas
)

select * from queima_orcamento
