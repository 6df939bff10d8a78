{#
    Before an incremental run: take out of the fact the keys whose newest state went to quarantine since
    the newest load in the fact.
#}
{% macro excluir_quarentena_nova(base, chave) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            {{ chave }} in (
                select b.{{ chave }}
                from {{ base }} as b
                where b._classe = 'quarentena' and b._ultima_carga_id > {{ ultima_carga_no_fato() }}
            )
    {%- endif -%}
{%- endmacro %}
