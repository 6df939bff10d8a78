{# A character by its number: Spark's `chr` takes that modulo 256. #}
{% macro caractere(codigo) -%}
    {{ return(adapter.dispatch('caractere', 'lastro')(codigo)) }}
{%- endmacro %}

{% macro default__caractere(codigo) -%}
    chr({{ codigo }})
{%- endmacro %}

{% macro spark__caractere(codigo) -%}
    decode(unhex(lpad(hex({{ codigo }}), 8, '0')), 'UTF-32BE')
{%- endmacro %}
