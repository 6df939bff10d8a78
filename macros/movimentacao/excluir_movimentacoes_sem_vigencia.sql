{#
    Before an incremental run: take out of the fact the movements that were deleted in the source,
    or whose newest state went to quarantine, since the newest load in the fact.
#}
{% macro excluir_movimentacoes_sem_vigencia() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            id_movimentacao_cartao in (
                select b.id_movimentacao_cartao
                from {{ ref('base_sicooperative__movimentacao_cartao') }} as b
                where
                    b.situacao in ('excluida', 'quarentena')
                    and b._carga_id > {{ ultima_carga_no_fato() }}
            )
    {%- endif -%}
{%- endmacro %}
