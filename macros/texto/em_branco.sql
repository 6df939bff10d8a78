{#
    Whether a text says nothing: null, or nothing but spaces (tabs and no-break spaces too). By
    `replace` and not by `trim`, which takes other spaces off on each engine.
#}
{% macro em_branco(texto) -%}
    coalesce(replace(replace(replace({{ texto }}, ' ', ''), chr(9), ''), chr(160), ''), '') = ''
{%- endmacro %}
