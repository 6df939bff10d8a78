{{
    config(
        materialized='table',
        pre_hook=["{{ sem_lacos_aninhados() }}", "{{ memoria_de_trabalho(64) }}"],
    )
}}

{#- Equal requests, in the order in which they began. #}
{%- set mesma = 'partition by provedor, endpoint, id_usuario, requisicao_resumo' %}
{%- set em_ordem = 'inicio, ' ~ em_bytes('id_chamada') %}
with

chamadas as (
    select
        id_chamada,
        id_usuario,
        provedor,
        endpoint,
        requisicao_resumo,
        ruim,
        resultado = 'ok' as boa,
        chamada_em,
        {{ em_microssegundos('chamada_em') }} as inicio,
        -- Without a duration it ended when it began, at the earliest.
        {{ em_microssegundos('chamada_em') }}
        + least(greatest(coalesce(duracao_ms, 0), 0), 1000000000000) * 1000 as fim
    from {{ ref('fact_chamada_terceiro') }}
    where resultado <> 'disjuntor_aberto' and requisicao_resumo is not null
),

-- Only what was asked in vain is asked again: the others are not put in order.
pedidos_que_falharam as (
    select distinct requisicao_resumo
    from chamadas
    where ruim
),

candidatas as (
    select c.*
    from chamadas as c
    inner join pedidos_que_falharam as f on c.requisicao_resumo = f.requisicao_resumo
),

-- Each call when it begins, and each bad one when it ends, too.
instantes as (
    select
        *,
        inicio as instante,
        0 as e_fim,
        cast(null as bigint) as fim_ruim
    from candidatas
    union all
    select
        *,
        fim as instante,
        1 as e_fim,
        fim as fim_ruim
    from candidatas
    where ruim
),

-- The last end of a bad call that lies behind. At one instant comes first what began first, so that
-- no call follows itself.
com_fim_anterior as (
    select
        *,
        max(fim_ruim) over (
            {{ mesma }}
            order by instante, {{ em_ordem }}, e_fim
            rows between unbounded preceding and current row
        ) as ultimo_fim
    from instantes
),

marcadas as (
    select
        id_chamada,
        id_usuario,
        provedor,
        endpoint,
        requisicao_resumo,
        boa,
        chamada_em,
        inicio,
        case
            when inicio - ultimo_fim <= {{ janela_retentativa_s() * 1000000 }}
                then 0
            else 1
        end as e_primeira
    from com_fim_anterior
    where e_fim = 0
),

requisicoes as (
    select
        *,
        sum(e_primeira) over (
            {{ mesma }}
            order by {{ em_ordem }}
            rows between unbounded preceding and current row
        ) as requisicao
    from marcadas
),

tentativas as (
    select
        *,
        row_number() over ({{ mesma }}, requisicao order by {{ em_ordem }}) as tentativa,
        count(*) over ({{ mesma }}, requisicao) as tentativas,
        last_value(boa) over (
            {{ mesma }}, requisicao
            order by {{ em_ordem }}
            rows between unbounded preceding and unbounded following
        ) as ultima_boa
    from requisicoes
),

int_chamada_terceiro__retentativas as (
    select
        id_chamada,
        provedor,
        endpoint,
        chamada_em,
        cast(tentativa as integer) as tentativa,
        boa,
        case when tentativa = 1 then ultima_boa end as requisicao_boa
    from tentativas
    where tentativas > 1
)

select * from int_chamada_terceiro__retentativas
