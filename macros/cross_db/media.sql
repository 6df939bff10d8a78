{# The average of a number in double precision: Spark's of a decimal is rounded to six decimals. #}
{% macro media(numero) -%}
    {{ return(adapter.dispatch('media', 'lastro')(numero)) }}
{%- endmacro %}

{% macro default__media(numero) -%}
    {{ em_double('avg(' ~ numero ~ ')') }}
{%- endmacro %}

{% macro spark__media(numero) -%}
    {{ em_double('sum(' ~ numero ~ ')') }} / count({{ numero }})
{%- endmacro %}
