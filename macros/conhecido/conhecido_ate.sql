{#
    The moment that the variable `conhecido_ate` names, as `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC;
    empty where it is not set. What is no moment is refused here, before anything is built.
#}
{% macro conhecido_ate() -%}
    {%- set dito = var('conhecido_ate', none) -%}
    {%- if dito is none or dito | string | trim == '' -%}{{ return('') }}{%- endif -%}
    {%- set momento = momento_lido(dito) -%}
    {%- if not momento -%}
        {{ exceptions.raise_compiler_error(
            "conhecido_ate is not a moment in UTC: '" ~ dito ~ "'. Write it as 2024-03-10 12:00:00."
        ) }}
    {%- endif -%}
    {{ return(momento) }}
{%- endmacro %}

{# What stands before the name of every schema of a build with `conhecido_ate`; else empty. #}
{% macro prefixo_de_conhecido_ate() -%}
    {%- set momento = conhecido_ate() -%}
    {%- if momento -%}
        {{- return(
            'conhecido_ate_' ~ momento.replace('-', '').replace(':', '').replace(' ', 't')
            .replace('.', '_') ~ '_'
        ) -}}
    {%- endif -%}
    {{- return('') -}}
{%- endmacro %}
