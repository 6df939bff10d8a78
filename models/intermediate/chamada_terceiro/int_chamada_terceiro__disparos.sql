{{
    config(
        materialized='table',
        pre_hook=["{{ memoria_de_trabalho(64) }}"],
    )
}}

{%- set em_ordem = 'partition by provedor, endpoint order by chamada_em, '
    ~ em_bytes('id_chamada') %}
with

chamadas as (
    select
        id_chamada,
        provedor,
        endpoint,
        resultado = 'disjuntor_aberto' as aberto,
        ruim,
        chamada_em,
        {{ em_microssegundos('chamada_em') }} as inicio
    from {{ ref('fact_chamada_terceiro') }}
),

em_sequencia as (
    select
        id_chamada,
        provedor,
        endpoint,
        aberto,
        chamada_em,
        inicio,
        lag(aberto) over ({{ em_ordem }}) as anterior_aberto,
        lead(inicio) over ({{ em_ordem }}) - inicio as silencio,
        sum(case when ruim then 1 else 0 end) over (
            {{ em_ordem }}
            rows between {{ falhas_disjuntor() - 1 }} preceding and current row
        ) as ruins_seguidos,
        row_number() over ({{ em_ordem }}) - 1 as anteriores,
        lag(inicio, 100) over ({{ em_ordem }}) as centesima_antes,
        first_value(inicio) over ({{ em_ordem }}) as primeira
    from chamadas
),

-- The mean gap of the last 100 calls, this one included, is the time since the 100th before it by 100.
julgadas as (
    select
        id_chamada,
        provedor,
        endpoint,
        chamada_em,
        aberto and not coalesce(anterior_aberto, false) as explicito,
        ruins_seguidos = {{ falhas_disjuntor() }}
        and silencio >= {{ silencio_disjuntor_s() * 1000000 }}
        and anteriores > 0
        and silencio * least(anteriores, 100)
        >= 5 * (inicio - coalesce(centesima_antes, primeira)) as inferido
    from em_sequencia
    where aberto or ruins_seguidos = {{ falhas_disjuntor() }}
),

int_chamada_terceiro__disparos as (
    select
        id_chamada,
        provedor,
        endpoint,
        chamada_em,
        case when explicito then 'explicito' else 'inferido' end as tipo
    from julgadas
    where explicito or inferido
)

select * from int_chamada_terceiro__disparos
