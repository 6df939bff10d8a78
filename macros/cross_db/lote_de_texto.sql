{# In which of `n` batches a text falls: about equal ones, the same text always in the same. #}
{% macro lote_de_texto(texto, n) -%}
    {{ return(adapter.dispatch('lote_de_texto', 'lastro')(texto, n)) }}
{%- endmacro %}

{% macro default__lote_de_texto(texto, n) -%}
    hash({{ texto }}) % {{ n }}
{%- endmacro %}

{% macro postgres__lote_de_texto(texto, n) -%}
    (hashtext({{ texto }}) & 2147483647) % {{ n }}
{%- endmacro %}

{% macro spark__lote_de_texto(texto, n) -%}
    pmod(xxhash64({{ texto }}), {{ n }})
{%- endmacro %}
