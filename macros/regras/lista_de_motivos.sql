{#
    The reasons whose condition holds, in the order given, separated by `; `; null where none does.
    The texts are put together only where `triagem` holds, by default where one of the conditions
    does: over millions of good rows they cost more than all the rest.
#}
{% macro lista_de_motivos(regras, triagem=none) -%}
    case
        when {{ triagem or regras.values() | join(' or ') }}
            then nullif(
                substr(
                    {%- for motivo, condicao in regras.items() %}
                    case when {{ condicao }} then '; {{ motivo }}' else '' end
                    {%- if not loop.last %} ||{% endif %}
                    {%- endfor %},
                    3
                ),
                ''
            )
    end
{%- endmacro %}
