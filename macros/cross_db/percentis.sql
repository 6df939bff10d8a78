{#
    Several percentiles of whole numbers from one ordering of them, in their usual definition (linear
    between closest ranks). The engines interpolate in floating point, and DuckDB's percentile of
    equal values may miss them by the last bit; of whole numbers a percentile at k/100 has two
    decimals at most, to which it is rounded: exact, and the same on every engine.
#}

{# Aggregate: the percentiles at so many hundredths, of the rows under a condition, as an array. #}
{% macro percentis_de_inteiros(coluna, centesimos, condicao) -%}
    {%- set postos = [] -%}
    {%- for k in centesimos -%}
        {%- do postos.append('%.2f' % (k / 100)) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('percentis_de_inteiros', 'lastro')(
        coluna, postos | join(', '), condicao
    )) }}
{%- endmacro %}

{% macro default__percentis_de_inteiros(coluna, postos, condicao) -%}
    percentile_cont(array[{{ postos }}]) within group (order by {{ coluna }})
    filter (where {{ condicao }})
{%- endmacro %}

{% macro duckdb__percentis_de_inteiros(coluna, postos, condicao) -%}
    quantile_cont({{ coluna }}, [{{ postos }}]) filter (where {{ condicao }})
{%- endmacro %}

{% macro spark__percentis_de_inteiros(coluna, postos, condicao) -%}
    percentile({{ coluna }}, array({{ postos }})) filter (where {{ condicao }})
{%- endmacro %}

{# One of such an array, by its place from 1; null of none. #}
{% macro percentil_de_inteiros(percentis, lugar) -%}
    {{ em_double(
        'round(cast(' ~ elemento_da_lista(percentis, lugar) ~ ' as decimal(25, 6)), 2)'
    ) }}
{%- endmacro %}
