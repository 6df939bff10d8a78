{#
    The reasons whose condition holds, in the order given, separated by `; `; null where none does.
    Where `triagem` is given, a condition that holds whenever one of the others does, the texts are
    put together for those rows only: over millions of good rows they cost more than all the rest.
#}
{% macro lista_de_motivos(regras, triagem=none) -%}
    {%- if triagem is not none %}case when {{ triagem }} then {% endif -%}
    nullif(
        substr(
            {%- for motivo, condicao in regras.items() %}
            case when {{ condicao }} then '; {{ motivo }}' else '' end
            {%- if not loop.last %} ||{% endif %}
            {%- endfor %},
            3
        ),
        ''
    )
    {%- if triagem is not none %} end{% endif -%}
{%- endmacro %}
