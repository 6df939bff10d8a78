{# How many days a customer's score may be old when an application is decided (var `validade_score_dias`). #}
{% macro validade_score_dias() -%}
    {{ return(inteiro_dito('validade_score_dias', var('validade_score_dias', 30))) }}
{%- endmacro %}

{# After how many days a cohort of applications is taken to have ended (var `dias_maturacao_funil`). #}
{% macro dias_maturacao_funil() -%}
    {{ return(inteiro_dito('dias_maturacao_funil', var('dias_maturacao_funil', 30))) }}
{%- endmacro %}

{# How many people a cell of a mart without people has at least (var `minimo_celula`). #}
{% macro minimo_celula() -%}
    {{ return(inteiro_dito('minimo_celula', var('minimo_celula', 5), 1)) }}
{%- endmacro %}

{#
    The month with which scores are compared (var `psi_base`, any day of it) as its first day; empty where
    each month is compared with the one before.
#}
{% macro psi_base() -%}
    {%- set dito = var('psi_base', none) -%}
    {%- if dito is none or dito == '' -%}{{ return('') }}{%- endif -%}
    {{ return(dia_ou_erro('psi_base', dito, '2024-02-01')[:8] ~ '01') }}
{%- endmacro %}
