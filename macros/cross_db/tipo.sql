{#
    A type of the contracts as the engine at hand calls it. Spark has one text, one point in time
    (with a zone: without one dbt's unit tests compare wrongly) and no uuid: such a key is its text.
#}
{% macro tipo(nome) -%}
    {{ return(adapter.dispatch('tipo', 'lastro')(nome)) }}
{%- endmacro %}

{% macro default__tipo(nome) -%}
    {{ return(nome) }}
{%- endmacro %}

{% macro spark__tipo(nome) -%}
    {{ return({
        'text': 'string',
        'uuid': 'string',
        'timestamptz': 'timestamp',
        'double precision': 'double',
    }.get(nome | lower, nome)) }}
{%- endmacro %}
