{#
    The columns in which two rows of a join differ, with both values, the first row's first; empty
    where they are equal in all of them.
#}
{% macro valores_que_diferem(uma, outra, colunas) -%}
    substr(
        {%- for coluna in colunas %}
        case
            when {{ uma }}.{{ coluna }} is distinct from {{ outra }}.{{ coluna }}
                then
                    '; {{ coluna }}: '
                    || cast({{ uma }}.{{ coluna }} as {{ dbt.type_string() }})
                    || ', fica '
                    || cast({{ outra }}.{{ coluna }} as {{ dbt.type_string() }})
            else ''
        end
        {%- if not loop.last %} ||{% endif %}
        {%- endfor %},
        3
    )
{%- endmacro %}
