{#
    The body of a model: the calls of one window, counted, and the percentiles of their durations.
    Each window reads the calls themselves, as percentiles of parts do not add up. A model each,
    because an engine holds the durations in memory while it looks for a percentile: those of three
    windows at once are three times as many.
#}
{% macro chamadas_por_janela(janela, parte) -%}
    {%- set com_duracao = "resultado <> 'disjuntor_aberto' and duracao_ms is not null" %}
    select
        provedor,
        endpoint,
        {{ texto_literal(janela) }} as janela,
        inicio_janela,
        chamadas,
        ruins,
        boas,
        {{ percentil_de_inteiros('percentis', 1) }} as p50,
        {{ percentil_de_inteiros('percentis', 2) }} as p95,
        {{ percentil_de_inteiros('percentis', 3) }} as p99,
        {{ percentil_de_inteiros('percentis_de_todas', 1) }} as p95_todas,
        sem_duracao
    from (
        select
            provedor,
            endpoint,
            cast(date_trunc('{{ parte }}', chamada_em) as timestamp) as inicio_janela,
            count(*) filter (where resultado <> 'disjuntor_aberto') as chamadas,
            count(*) filter (where ruim) as ruins,
            count(*) filter (where resultado = 'ok') as boas,
            count(*) filter (
                where resultado <> 'disjuntor_aberto' and duracao_ms is null
            ) as sem_duracao,
            {{ percentis_de_inteiros('duracao_ms', [50, 95, 99], 'not ruim and ' ~ com_duracao) }}
                as percentis,
            {{ percentis_de_inteiros('duracao_ms', [95], com_duracao) }} as percentis_de_todas
        from {{ ref('fact_chamada_terceiro') }}
        group by provedor, endpoint, date_trunc('{{ parte }}', chamada_em)
    ) as contadas
{%- endmacro %}
