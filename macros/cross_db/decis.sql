{# The nine deciles of a column in double precision, interpolated, as an array that counts from 1. #}
{% macro decis(coluna) -%}
    {{ return(adapter.dispatch('decis', 'lastro')(coluna)) }}
{%- endmacro %}

{% macro default__decis(coluna) -%}
    percentile_cont(array[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
        within group (order by {{ coluna }})
{%- endmacro %}

{# The same without a sort. #}
{% macro duckdb__decis(coluna) -%}
    quantile_cont({{ coluna }}, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
{%- endmacro %}
