{# The reasons whose condition holds, in the order given, separated by `; `; null where none does. #}
{% macro lista_de_motivos(regras) -%}
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
{%- endmacro %}
