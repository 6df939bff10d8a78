{#
    64 bits of several columns, nulls told apart from values: summed over rows, a fingerprint of a
    set that does not depend on their order. PostgreSQL's hash of a record is only a weighted sum of
    the columns' hashes, under which two rows may swap a value unseen; its text has no such twin.
#}
{% macro hash_de_linha(colunas) -%}
    {{ return(adapter.dispatch('hash_de_linha', 'lastro')(colunas)) }}
{%- endmacro %}

{% macro default__hash_de_linha(colunas) -%}
    cast(hash({{ colunas | join(', ') }}) as decimal(38, 0))
{%- endmacro %}

{% macro postgres__hash_de_linha(colunas) -%}
    cast(hashtextextended(cast(row({{ colunas | join(', ') }}) as text), 0) as decimal(38, 0))
{%- endmacro %}

{# Spark's hash passes over nulls. #}
{% macro spark__hash_de_linha(colunas) -%}
    {%- set valores = [] -%}
    {%- for coluna in colunas -%}
        {%- do valores.extend([coluna, coluna ~ ' is null']) -%}
    {%- endfor -%}
    cast(xxhash64({{ valores | join(', ') }}) as decimal(38, 0))
{%- endmacro %}
