{{ config(pre_hook=["{{ sem_lacos_aninhados() }}"]) }}
with

ocorrencias as (
    select * from {{ ref('int_pedido__sequencia') }}
    where not duplicada and not repetida
),

situacoes as (
    select distinct
        situacao,
        ordinal,
        final
    from {{ ref('situacao_pedido') }}
),

transicoes as (
    select * from {{ ref('transicao_pedido') }}
),

versoes as (
    select
        id_pedido,
        fonte,
        situacao,
        origem,
        motivo,
        ocorrido_em,
        row_number() over (partition by id_pedido order by lugar) as sequencia,
        lag(situacao) over (partition by id_pedido order by lugar) as situacao_anterior,
        lead(ocorrido_em) over (partition by id_pedido order by lugar) as seguinte_em
    from ocorrencias
),

fact_pedido_situacao as (
    select
        v.id_pedido,
        cast(v.sequencia as integer) as sequencia,
        v.situacao,
        v.situacao_anterior,
        s.ordinal,
        coalesce(s.final, false) as final,
        coalesce(s.ordinal >= 1 or v.situacao = 'RECUSADO', false) as submetida,
        v.fonte,
        v.origem,
        v.motivo,
        v.situacao_anterior is null or t.de is not null as transicao_prevista,
        coalesce(s.ordinal < a.ordinal or (s.ordinal is not null and a.final), false) as retrocesso,
        v.ocorrido_em as valido_de,
        coalesce(v.seguinte_em, cast('9999-12-31' as timestamp)) as valido_ate,
        {{ em_double(microssegundos_entre('v.ocorrido_em', 'v.seguinte_em')) }} / 1000000
            as duracao_segundos
    from versoes as v
    left join situacoes as s on v.situacao = s.situacao
    left join situacoes as a on v.situacao_anterior = a.situacao
    left join transicoes as t on v.situacao_anterior = t.de and v.situacao = t.para
)

select * from fact_pedido_situacao
