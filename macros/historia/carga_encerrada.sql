{#
    Whether the load of a row has ended. Rows are added to one of `lastro load --follow` that has not.

    Args:
        carga: the column that holds the load.
#}
{% macro carga_encerrada(carga) -%}
    {{ carga }} not in (
        select _carga_id from {{ source('controle', 'cargas') }} where status = 'em_curso'
    )
{%- endmacro %}
