{# Whether a key is the token of somebody who was erased, whom no source counts any more. #}
{% macro esquecido(chave) -%}
    {{ chave }} like 'esquecido-%'
{%- endmacro %}
