{#
    The reasons to set a row aside for one of its ids, as `lista_de_motivos` wants them: every source
    is judged alike. `length` counts characters, spaces included, on every engine. `7,89012E+11` is
    what a spreadsheet leaves of a long id, and of many others; without the `+` it may be a true one.
#}
{% macro motivos_dos_ids(ids) -%}
    {%- set maximo = tamanho_maximo_de_id() -%}
    {%- set motivos = {} -%}
    {%- for id in ids -%}
        {%- do motivos.update({
            id ~ ' em branco': em_branco(id),
            id ~ ' com mais de ' ~ maximo ~ ' caracteres': 'length(' ~ id ~ ') > ' ~ maximo,
            id ~ ' em notação científica': em_notacao_cientifica(id),
        }) -%}
    {%- endfor -%}
    {{ return(motivos) }}
{%- endmacro %}

{# The expression is asked only of the few ids that have a `+`; `and` would ask it of all. #}
{% macro em_notacao_cientifica(id) -%}
    case
        when {{ id }} like '%+__%'
            then {{ corresponde(id, '-?[0-9]([.,][0-9]+)?[eE][+][0-9]{2,3}') }}
        else false
    end
{%- endmacro %}

{#
    How many characters an id may have. Far more than any source uses, and far less than the 2,704
    bytes that an index of PostgreSQL holds, whatever the letters.
#}
{% macro tamanho_maximo_de_id() -%}
    {{ return(200) }}
{%- endmacro %}
