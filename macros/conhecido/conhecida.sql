{# Condition on a row of controle.cargas: the load was there at the moment of `conhecido_ate`. #}
{% macro conhecida(cargas) -%}
    {%- set momento = conhecido_ate() -%}
    {%- set limite = run_started_at + modules.datetime.timedelta(minutes=5) -%}
    {%- if momento > limite.strftime('%Y-%m-%d %H:%M:%S') -%}
        {{ exceptions.raise_compiler_error(
            'conhecido_ate (' ~ momento ~ ') lies in the future: what will be known then is not known.'
        ) }}
    {%- elif momento -%}
        {{ cargas }}.fim <= cast('{{ momento }}+00' as {{ tipo('timestamptz') }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
