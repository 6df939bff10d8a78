{#
    The body of a quarentena_*_historico of the issuer's files: every row that was ever set aside,
    as its file wrote it. A row leaves when its delivery gets a newer file.
#}
{% macro historico_da_quarentena(entidade, colunas) -%}
select
    {% for coluna in colunas -%}
    b.{{ coluna }},
    {% endfor -%}
    j.motivos,
    j.entrega,
    j._carga_id,
    b._arquivo,
    j._linha,
    e.carregada_em as entrou_em,
    e.substituida_em as saiu_em
from {{ ref('base_pod_cartoes__' ~ entidade) }} as j
inner join {{ source('pod_cartoes', entidade) }} as b
    on j._carga_id = b._carga_id and j._linha = b._linha
inner join {{ ref('base_pod_cartoes__entregas') }} as e on j._carga_id = e._carga_id
where j.motivos is not null
{%- endmacro %}
