{#
    A query for the duplicates of one of the issuer's files whose values differ from the row that
    stays: the lineage of both and each value that differs, first the duplicate's.
#}
{% macro duplicatas_que_diferem(entidade, chave, colunas) -%}
    select
        '{{ entidade }}' as entidade,
        d.{{ chave }} as chave,
        substr(
            {%- for coluna in colunas %}
            case
                when d.{{ coluna }} is distinct from v.{{ coluna }}
                    then '; {{ coluna }}: ' || cast(d.{{ coluna }} as {{ dbt.type_string() }})
                    || ', fica ' || cast(v.{{ coluna }} as {{ dbt.type_string() }})
                else ''
            end
            {%- if not loop.last %} ||{% endif %}
            {%- endfor %},
            3
        ) as diferencas,
        d.entrega,
        v.entrega as entrega_que_fica,
        d._carga_id,
        d._linha,
        v._carga_id as _carga_id_que_fica,
        v._linha as _linha_que_fica
    from {{ ref('base_pod_cartoes__' ~ entidade) }} as d
    inner join {{ ref('base_pod_cartoes__' ~ entidade) }} as v
        on d.{{ chave }} = v.{{ chave }} and v.situacao = 'vigente'
    where
        d.situacao = 'duplicada'
        and (
            {%- for coluna in colunas %}
            {% if not loop.first %}or {% endif -%}
            d.{{ coluna }} is distinct from v.{{ coluna }}
            {%- endfor %}
        )
{%- endmacro %}
