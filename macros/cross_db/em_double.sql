{# A number in double precision: PostgreSQL would divide and average decimals as slow numerics. #}
{% macro em_double(numero) -%}
    {{ return(adapter.dispatch('em_double', 'lastro')(numero)) }}
{%- endmacro %}

{% macro default__em_double(numero) -%}
    cast({{ numero }} as double precision)
{%- endmacro %}

{% macro spark__em_double(numero) -%}
    cast({{ numero }} as double)
{%- endmacro %}
