{# Condition on a row of controle.cargas: the load was there at the moment of `conhecido_ate`. #}
{% macro conhecida(cargas) -%}
    {%- set momento = conhecido_ate() -%}
    {%- if momento -%}
        {{ cargas }}.fim <= cast('{{ momento }}+00' as timestamptz)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
