{#
    The movements whose row in the fact may be missing or out of date, for an incremental run: what
    landed since the newest load in the fact; movements of cards that landed since, or whose conta
    or (new) associado did, whether they were set aside or not; movements that happened after an
    extraction applied since, which may have opened a version for them. A movement too many costs a
    comparison, none is left out. Each part asks the view by itself, so that its condition reaches
    the raw table; conditions joined by `or`, or a CTE that all parts share, would read every
    movement.
#}
{% macro movimentacoes_a_resolver() -%}
    {%- set movimentacoes = ref('int_movimentacao__ate_a_extracao_aplicada') -%}
    {%- set ate = ultima_carga_no_fato() -%}
    select n.*
    from {{ movimentacoes }} as n
    where n._carga_id > {{ ate }}
    union
    select d.*
    from {{ movimentacoes }} as d
    where
        d.id_cartao in (
            select c.id_cartao
            from ({{ estado_mais_recente(ref('base_sicooperative__cartao'), 'id_cartao') }}) as c
            left join ({{ estado_mais_recente(ref('base_sicooperative__conta'), 'id_conta') }}) as o
                on c.id_conta = o.id_conta
            left join {{ ref('stg_sicooperative__associado') }} as a
                on
                    o.id_associado = a.id_associado
                    and a._operacao = 'inclusao'
                    and a._carga_id > {{ ate }}
            where
                c._ultima_carga_id > {{ ate }}
                or o._ultima_carga_id > {{ ate }}
                or a.id_associado is not null
        )
    union
    select f.*
    from {{ movimentacoes }} as f
    where
        f.data_hora_movimentacao >= (
            select coalesce(min({{ em_utc('e.extraido_em') }}), cast('9999-12-31' as timestamp))
            from {{ source('historia', 'extracoes_aplicadas') }} as e
            where e._carga_id > {{ ate }}
        )
{%- endmacro %}
