{#
    Whether a text says nothing: null, or nothing but spaces (tabs and no-break spaces too). Not by
    `trim`, which takes other spaces off on each engine. Hardly any text begins with a space, so
    the rest of it is looked at only then.
#}
{% macro em_branco(texto) -%}
    case
        when left({{ texto }}, 1) in ('', ' ', chr(9), chr(160))
            then replace(replace(replace({{ texto }}, ' ', ''), chr(9), ''), chr(160), '') = ''
        else {{ texto }} is null
    end
{%- endmacro %}
