{#
    The digital accounts by which rows of an incremental fact may stand out of date: they came, went to
    quarantine or out of it, or changed their currency, and landed since the newest load in the fact. A
    balance lands with every movement and says nothing of the entries.
#}
{% macro contas_que_mudaram() -%}
    select b.id_conta
    from {{ ref('base_fintech__accounts') }} as b
    where b._ultima_carga_id > {{ ultima_carga_no_fato() }}
    group by b.id_conta
    having
        min(b._carga_id) > {{ ultima_carga_no_fato() }}
        or count(b.motivos) > 0
        or count(distinct coalesce({{ limpar_texto('b.moeda') }}, '')) > 1
{%- endmacro %}
