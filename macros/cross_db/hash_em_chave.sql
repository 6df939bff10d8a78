{#
    The type in which a hash of 32 hexadecimal digits is kept: 16 bytes where the engine has
    them, else the text of the same uuid.
#}
{% macro hash_em_chave(hexadecimal) -%}
    {{ return(adapter.dispatch('hash_em_chave', 'lastro')(hexadecimal)) }}
{%- endmacro %}

{% macro default__hash_em_chave(hexadecimal) -%}
    cast({{ hexadecimal }} as uuid)
{%- endmacro %}

{% macro spark__hash_em_chave(hexadecimal) -%}
    regexp_replace(
        lower(replace({{ hexadecimal }}, '-', '')),
        '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '$1-$2-$3-$4-$5'
    )
{%- endmacro %}
