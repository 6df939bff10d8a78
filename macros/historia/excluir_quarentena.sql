{#
    Before an incremental run: take out of the fact the keys whose newest state is in quarantine. What
    landed since would not do: another table's row may put a state aside, as an account its payments.
#}
{% macro excluir_quarentena(base, chave) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ chave }} in (select b.{{ chave }} from {{ base }} as b where b._classe = 'quarentena')
    {%- endif -%}
{%- endmacro %}
