{# A text as SQL writes it, whatever it holds. #}
{% macro texto_literal(texto) -%}
    {{ return(dbt.string_literal(dbt.escape_single_quotes(texto))) }}
{%- endmacro %}

{# A moment of Python's, in UTC, as SQL. #}
{% macro instante_literal(instante) -%}
    cast('{{ instante.strftime("%Y-%m-%d %H:%M:%S.%f") }}+00' as {{ tipo('timestamptz') }})
{%- endmacro %}

{# When this run of dbt began. #}
{% macro inicio_da_corrida() -%}
    {{ return(instante_literal(run_started_at)) }}
{%- endmacro %}

{# The same as a timestamp in UTC, for a column that says when a row came. #}
{% macro instante_da_corrida() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro %}
