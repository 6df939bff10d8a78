{#
    A raw table, as what stands after `from`: with `conhecido_ate` only the rows of loads that were there
    by then.
#}
{% macro linhas_conhecidas(fonte, tabela) -%}
    {%- if not conhecido_ate() -%}
        {{ return(source(fonte, tabela)) }}
    {%- endif -%}
    (
        select r.*
        from {{ source(fonte, tabela) }} as r
        inner join {{ source('controle', 'cargas') }} as k on r._carga_id = k._carga_id
        where {{ conhecida('k') }}
    )
{%- endmacro %}
