{%- set agora, na_vespera = instante_de_referencia(), instante_de_referencia(24) %}
{%- set em_ordem = 'iniciada_em, ' ~ em_bytes('id_chamada') %}
{%- set recente = 'iniciada_em >= ' ~ na_vespera %}
{%- set feita = "resultado <> 'disjuntor_aberto'" %}
with

chamadas as (
    select
        *,
        ruim or resultado = 'disjuntor_aberto' as falhou
    from {{ ref('stg_credito__score_chamada') }}
    where iniciada_em < {{ agora }}
),

com_anterior as (
    select
        *,
        lag(falhou) over (partition by endpoint order by {{ em_ordem }}) as anterior_falhou,
        row_number() over (
            partition by endpoint order by iniciada_em desc, {{ em_bytes('id_chamada') }} desc
        ) as do_fim
    from chamadas
),

por_endpoint as (
    select
        endpoint,
        max(case when do_fim = 1 and falhou then 1 else 0 end) = 1 as falha,
        max(case when falhou is distinct from anterior_falhou then iniciada_em end) as desde,
        max(case when resultado = 'ok' then iniciada_em end) as ultimo_sucesso_em,
        max(iniciada_em) as ultima_chamada_em,
        count(*) filter (where {{ recente }} and {{ feita }}) as tentativas,
        count(*) filter (where {{ recente }} and ruim) as ruins,
        count(*) filter (where {{ recente }} and not {{ feita }}) as nao_feitas,
        {{ percentis_de_inteiros(
            'duracao_ms', [95], recente ~ ' and not falhou and duracao_ms is not null'
        ) }} as percentis
    from com_anterior
    group by endpoint
),

situacao_parceiro as (
    select
        endpoint,
        case when falha then 'indisponivel' else 'disponivel' end as situacao,
        desde,
        ultimo_sucesso_em,
        ultima_chamada_em,
        tentativas,
        ruins,
        nao_feitas,
        100 * {{ razao('ruins', 'tentativas') }} as taxa_erro,
        {{ percentil_de_inteiros('percentis', 1) }} as p95
    from por_endpoint
)

select * from situacao_parceiro
