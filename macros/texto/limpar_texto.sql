{#
    Text as the warehouse shows it: trimmed, inner white space collapsed to one space, upper case,
    accents kept; null where nothing is left. The accented letters are raised by hand because a
    PostgreSQL database in the C locale leaves them as they are.
#}
{% macro limpar_texto(texto) -%}
    nullif(
        upper(
            translate(
                trim({{ regexp_substituir(espacos_comuns(texto), ' +', ' ') }}),
                'áàâãäåçéèêëíìîïñóòôõöúùûüýæøœ',
                'ÁÀÂÃÄÅÇÉÈÊËÍÌÎÏÑÓÒÔÕÖÚÙÛÜÝÆØŒ'
            )
        ),
        ''
    )
{%- endmacro %}

{# Tabs, line breaks and no-break spaces as plain spaces. #}
{% macro espacos_comuns(texto) -%}
    translate({{ texto }}, '	' || chr(10) || chr(13) || chr(160), '    ')
{%- endmacro %}
