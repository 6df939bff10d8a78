{#
    The reasons whose condition holds, in the order given, separated by `; `; null where none does.
    The list is put together for those rows alone for which one holds: joining twenty texts costs
    millions of good rows more than all else.
#}
{% macro lista_de_motivos(regras) -%}
    case
        when
            {% for condicao in regras.values() -%}
            {% if not loop.first %}or {% endif %}({{ condicao }})
            {% endfor -%}
            then substr(
                {%- for motivo, condicao in regras.items() %}
                case when {{ condicao }} then '; {{ motivo }}' else '' end
                {%- if not loop.last %} ||{% endif %}
                {%- endfor %},
                3
            )
    end
{%- endmacro %}
