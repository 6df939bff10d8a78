{#
    Of a base model the newest state of each key that is not set aside, also where the source has the
    key no more: it then says since which extraction.
#}
{% macro estados_em_staging(base) -%}
    select
        e.*,
        case when e._classe = 'excluida' then {{ em_utc('c.extraido_em') }} end as excluido_na_fonte_em
    from {{ base }} as e
    left join {{ source('controle', 'cargas') }} as c on e._ultima_carga_id = c._carga_id
    where e._classe in ('vigente', 'excluida')
{%- endmacro %}
