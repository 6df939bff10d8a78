{#
    Whether a text says nothing: null, nothing but spaces (tabs and no-break spaces too), or a word
    with which some program writes that there is no value, in any case. Hardly any text begins
    like one of these, so the rest of it is looked at only then. No long list after `in`: DuckDB
    makes a join of it, which takes ten times as long.
#}
{% macro em_branco(texto) -%}
    case
        when
            left({{ texto }}, 1) in ('', ' ', chr(9), chr(160))
            or left({{ texto }}, 1) in ('N', 'n', '#', chr(92))
            then case lower({{ sem_espacos_ao_redor(texto) }})
                when '' then true
                {%- for palavra in ['null', 'nan', '#n/a', '#n/d', '#ref!', '#value!'] %}
                when '{{ palavra }}' then true
                {%- endfor %}
                when chr(92) || 'n' then true
                else false
            end
        else {{ texto }} is null
    end
{%- endmacro %}

{# Not bare `trim`, which takes other spaces off on each engine. #}
{% macro sem_espacos_ao_redor(texto) -%}
    trim(both ' ' || chr(9) || chr(160) from {{ texto }})
{%- endmacro %}

{# The same characters, in a regular expression. #}
{% macro espaco() -%}
    {{ return('[ \t\u00a0]') }}
{%- endmacro %}
