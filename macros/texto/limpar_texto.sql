{#
    Text as the warehouse shows it: trimmed, inner white space collapsed to one space, upper case,
    accents kept; null where nothing is left. A bare `trim` takes other spaces off on each engine.
#}
{% macro limpar_texto(texto) -%}
    nullif(trim(both ' ' from {{ espacos_simples(em_maiusculas(texto)) }}), '')
{%- endmacro %}

{#
    Tabs, line breaks and no-break spaces as plain spaces, and of several in a row one. By `replace`
    and not by `translate` or a regular expression, which cost millions of movements fifty times as
    much on DuckDB. A run of spaces is found by a line break put behind each space: after the first
    step the text holds none of its own.
#}
{% macro espacos_simples(texto) -%}
    {%- set espacos = namespace(texto=texto) -%}
    {%- for codigo in [9, 13, 160, 10] -%}
        {%- set espacos.texto = 'replace(' ~ espacos.texto ~ ', chr(' ~ codigo ~ "), ' ')" -%}
    {%- endfor -%}
    replace(
        replace(
            replace({{ espacos.texto }}, ' ', ' ' || chr(10)),
            chr(10) || ' ', ''
        ),
        chr(10), ''
    )
{%- endmacro %}
