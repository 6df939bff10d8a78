{# A variable that is a whole number of at least `minimo`; what is none stops dbt. #}
{% macro inteiro_dito(nome, dito, minimo=0) -%}
    {%- set texto = dito | string | trim -%}
    {%- if not modules.re.fullmatch('[0-9]{1,9}', texto) or texto | int < minimo -%}
        {{ exceptions.raise_compiler_error(
            'The variable ' ~ nome ~ " is '" ~ dito ~ "'; it is a whole number of at least "
            ~ minimo ~ '.'
        ) }}
    {%- endif -%}
    {{ return(texto | int) }}
{%- endmacro %}

{# Within how many seconds after the end of a bad call the same request is a retry of it. #}
{% macro janela_retentativa_s() -%}
    {{ return(inteiro_dito('janela_retentativa_s', var('janela_retentativa_s', 60))) }}
{%- endmacro %}

{# After how many bad calls in a row a silence looks like an open breaker. #}
{% macro falhas_disjuntor() -%}
    {{ return(inteiro_dito('falhas_disjuntor', var('falhas_disjuntor', 5), 1)) }}
{%- endmacro %}

{# How many seconds such a silence lasts at least. #}
{% macro silencio_disjuntor_s() -%}
    {{ return(inteiro_dito('silencio_disjuntor_s', var('silencio_disjuntor_s', 30))) }}
{%- endmacro %}

{# How many calls a minute has at least that may be a bad one. #}
{% macro minimo_chamadas_minuto() -%}
    {{ return(inteiro_dito('minimo_chamadas_minuto', var('minimo_chamadas_minuto', 5), 1)) }}
{%- endmacro %}

{# Below how many milliseconds the 95th percentile of a month has to lie. #}
{% macro alvo_p95_ms() -%}
    {{ return(inteiro_dito('alvo_p95_ms', var('alvo_p95_ms', 500), 1)) }}
{%- endmacro %}

{#
    Of 100,000 calls how many may be bad, from the target of availability in percent (var
    `alvo_disponibilidade`, 99.9): a whole number, so that shares of it are exact.
#}
{% macro erros_em_cem_mil() -%}
    {%- set dito = var('alvo_disponibilidade', 99.9) | string | trim -%}
    {%- set partes = modules.re.fullmatch('([0-9]{1,2})(?:[.]([0-9]{1,3}))?', dito) -%}
    {%- if not partes -%}
        {{ exceptions.raise_compiler_error(
            "The variable alvo_disponibilidade is '" ~ dito
            ~ "'; it is a percentage below 100 with at most three decimals, as 99.9."
        ) }}
    {%- endif -%}
    {{ return(
        100000 - (partes.group(1) ~ ((partes.group(2) or '') ~ '000')[:3]) | int
    ) }}
{%- endmacro %}
