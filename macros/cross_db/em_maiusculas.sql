{#
    Upper case as Unicode maps one letter to one, `ß` to `ẞ`: what DuckDB's `upper` gives. PostgreSQL's
    depends on the database's locale, so there it does the letters of ASCII only, and the others go
    by hand, in texts that hold any: `translate` looks through its whole list for each character.
#}
{% macro em_maiusculas(texto) -%}
    {{ return(adapter.dispatch('em_maiusculas', 'lastro')(texto)) }}
{%- endmacro %}

{% macro default__em_maiusculas(texto) -%}
    upper({{ texto }})
{%- endmacro %}

{# Spark's `upper` makes `SS` of `ß`, and knows the letters of Java's Unicode. #}
{% macro spark__em_maiusculas(texto) -%}
    {%- set letras = letras_com_maiuscula() -%}
    {%- set ascii = 'abcdefghijklmnopqrstuvwxyz' -%}
    translate(
        {{ texto }},
        '{{ ascii ~ letras.latinas[0] ~ letras.outras[0] }}',
        '{{ ascii | upper ~ letras.latinas[1] ~ letras.outras[1] }}'
    )
{%- endmacro %}

{#
    The expression finds texts with a letter of the long list, and leaves out the punctuation, accents
    and signs that are frequent in Portuguese ones. The result has the collation of any other text.
#}
{% macro postgres__em_maiusculas(texto) -%}
    {%- set letras = letras_com_maiuscula() -%}
    {%- set em_latinas -%}
        translate({{ texto }}, '{{ letras.latinas[0] }}', '{{ letras.latinas[1] }}')
    {%- endset -%}
    {%- set em_outras -%}
        translate({{ em_latinas }}, '{{ letras.outras[0] }}', '{{ letras.outras[1] }}')
    {%- endset -%}
    {%- set outras_escritas -%}
        {{ '[\\u0100-\\u02ff\\u0345\\u0370-\\u0590\\u10d0-\\u13ff\\u1c80-\\u1fff\\u214e\\u2170-\\u2188'
            ~ '\\u24d0-\\u24ff\\u2c30-\\u2d2f\\ua640-\\uabbf\\uff41-\\uff5a\\U00010428-\\U0001e943]' }}
    {%- endset -%}
    upper(
        case
            when octet_length({{ texto }}) = length({{ texto }}) then {{ texto }}
            when {{ texto }} ~ '{{ outras_escritas }}' then {{ em_outras }}
            else {{ em_latinas }}
        end collate "C"
    ) collate "default"
{%- endmacro %}
