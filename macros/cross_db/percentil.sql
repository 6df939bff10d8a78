{#
    Percentiles for cuts that decide in which bin a value lies. The engines' own ones take the rank
    and its rest in floating point, and DuckDB's interpolates as lo × (1 - d) + hi × d: a cut between
    equal values may fall below them, and all of them into another bin. Here ranks are integers, of
    equal values comes exactly that value, and all engines do the same operations in the same order.
#}

{# Aggregate: the values of a column in double precision in order, without nulls, as an array. #}
{% macro valores_em_ordem(coluna) -%}
    {{ return(adapter.dispatch('valores_em_ordem', 'lastro')(coluna)) }}
{%- endmacro %}

{% macro default__valores_em_ordem(coluna) -%}
    sort_array(collect_list({{ coluna }}))
{%- endmacro %}

{% macro duckdb__valores_em_ordem(coluna) -%}
    list({{ coluna }} order by {{ coluna }}) filter (where {{ coluna }} is not null)
{%- endmacro %}

{% macro postgres__valores_em_ordem(coluna) -%}
    array_agg({{ coluna }} order by {{ coluna }}) filter (where {{ coluna }} is not null)
{%- endmacro %}

{#
    The value at k/q of such an array: with lo at the rank of whole numbers (n - 1)k / q, from 0, and
    hi at the next, lo + (hi - lo) × ((n - 1)k mod q) / q. Null of none.
#}
{% macro percentil(valores, k, q) -%}
    {%- set n = 'cast(coalesce(' ~ quantos_na_lista(valores) ~ ', 0) as bigint)' -%}
    {%- set passos = '(' ~ n ~ ' - 1) * ' ~ k -%}
    {%- set resto = '(' ~ passos ~ ') % ' ~ q -%}
    {%- set posto = 'cast((' ~ passos ~ ' - ' ~ resto ~ ') / ' ~ q ~ ' as bigint)' -%}
    {%- set lo = elemento_da_lista(valores, posto ~ ' + 1') -%}
    {%- set hi = elemento_da_lista(valores, posto ~ ' + 2') -%}
    case
        when {{ n }} = 0 then null
        when {{ resto }} = 0 then {{ lo }}
        else {{ lo }} + ({{ hi }} - {{ lo }}) * ({{ resto }}) / {{ q }}
    end
{%- endmacro %}

{# How many elements an array has. #}
{% macro quantos_na_lista(lista) -%}
    {{ return(adapter.dispatch('quantos_na_lista', 'lastro')(lista)) }}
{%- endmacro %}

{% macro default__quantos_na_lista(lista) -%}
    size({{ lista }})
{%- endmacro %}

{% macro duckdb__quantos_na_lista(lista) -%}
    len({{ lista }})
{%- endmacro %}

{% macro postgres__quantos_na_lista(lista) -%}
    cardinality({{ lista }})
{%- endmacro %}

{# An element of an array by its place, from 1. #}
{% macro elemento_da_lista(lista, lugar) -%}
    {{ return(adapter.dispatch('elemento_da_lista', 'lastro')(lista, lugar)) }}
{%- endmacro %}

{% macro default__elemento_da_lista(lista, lugar) -%}
    {{ lista }}[{{ lugar }}]
{%- endmacro %}

{% macro spark__elemento_da_lista(lista, lugar) -%}
    {{ lista }}[cast({{ lugar }} - 1 as integer)]
{%- endmacro %}
