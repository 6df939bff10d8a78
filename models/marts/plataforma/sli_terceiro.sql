{%- set janelas = {'hora': 'hour', 'dia': 'day', 'mes': 'month'} %}
with

horas as (
    select * from {{ ref('int_chamada_terceiro__por_hora') }}
),

dias as (
    select * from {{ ref('int_chamada_terceiro__por_dia') }}
),

meses as (
    select * from {{ ref('int_chamada_terceiro__por_mes') }}
),

retentativas as (
    select * from {{ ref('int_chamada_terceiro__retentativas') }}
),

disparos as (
    select * from {{ ref('int_chamada_terceiro__disparos') }}
),

-- A chain counts where it began: its calls that are good are taken out, and its end is put in there.
partes as (
    {%- for contadas in ['horas', 'dias', 'meses'] %}
    select
        provedor,
        endpoint,
        janela,
        inicio_janela,
        chamadas,
        ruins,
        p50,
        p95,
        p99,
        p95_todas,
        sem_duracao,
        0 as retentativas,
        boas as requisicoes_boas,
        0 as disparos_explicitos,
        0 as disparos_inferidos
    from {{ contadas }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
    {%- for janela, parte in janelas.items() %}
    union all
    select
        provedor,
        endpoint,
        '{{ janela }}' as janela,
        cast(date_trunc('{{ parte }}', chamada_em) as timestamp) as inicio_janela,
        0 as chamadas,
        0 as ruins,
        null as p50,
        null as p95,
        null as p99,
        null as p95_todas,
        0 as sem_duracao,
        count(*) filter (where tentativa > 1) as retentativas,
        count(*) filter (where requisicao_boa) - count(*) filter (where boa) as requisicoes_boas,
        0 as disparos_explicitos,
        0 as disparos_inferidos
    from retentativas
    group by provedor, endpoint, date_trunc('{{ parte }}', chamada_em)
    union all
    select
        provedor,
        endpoint,
        '{{ janela }}' as janela,
        cast(date_trunc('{{ parte }}', chamada_em) as timestamp) as inicio_janela,
        0 as chamadas,
        0 as ruins,
        null as p50,
        null as p95,
        null as p99,
        null as p95_todas,
        0 as sem_duracao,
        0 as retentativas,
        0 as requisicoes_boas,
        count(*) filter (where tipo = 'explicito') as disparos_explicitos,
        count(*) filter (where tipo = 'inferido') as disparos_inferidos
    from disparos
    group by provedor, endpoint, date_trunc('{{ parte }}', chamada_em)
    {%- endfor %}
),

somadas as (
    select
        provedor,
        endpoint,
        janela,
        inicio_janela,
        cast(sum(chamadas) as bigint) as chamadas,
        cast(sum(ruins) as bigint) as ruins,
        max(p50) as p50,
        max(p95) as p95,
        max(p99) as p99,
        max(p95_todas) as p95_todas,
        cast(sum(sem_duracao) as bigint) as sem_duracao,
        cast(sum(retentativas) as bigint) as retentativas,
        cast(sum(chamadas) - sum(retentativas) as bigint) as requisicoes_logicas,
        cast(sum(requisicoes_boas) as bigint) as requisicoes_boas,
        cast(sum(disparos_explicitos) as bigint) as disparos_explicitos,
        cast(sum(disparos_inferidos) as bigint) as disparos_inferidos
    from partes
    group by provedor, endpoint, janela, inicio_janela
),

sli_terceiro as (
    select
        provedor,
        endpoint,
        janela,
        inicio_janela,
        chamadas,
        ruins,
        100 * {{ razao('ruins', 'chamadas') }} as taxa_erro,
        100 * {{ razao('chamadas - ruins', 'chamadas') }} as disponibilidade,
        p50,
        p95,
        p99,
        p95_todas,
        sem_duracao,
        retentativas,
        100 * {{ razao('retentativas', 'chamadas') }} as percentual_retentativas,
        requisicoes_logicas,
        100 * {{ razao('requisicoes_boas', 'requisicoes_logicas') }} as sucesso_final,
        disparos_explicitos,
        disparos_inferidos
    from somadas
)

select * from sli_terceiro
