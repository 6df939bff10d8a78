{#
    A query for when each state that was set aside left the quarantine: as soon as the next state of
    its key landed, whatever that state is. No CTE for the judged states: PostgreSQL would write out
    a copy of all of them, being read twice.
#}
{% macro saidas_da_quarentena(relacao, chave) -%}
    select
        a.{{ chave }},
        a._carga_id,
        min(s._carregado_em) as saiu_em
    from {{ relacao }} as a
    inner join {{ relacao }} as s on a.{{ chave }} = s.{{ chave }} and a._carga_id < s._carga_id
    where a.motivos is not null
    group by a.{{ chave }}, a._carga_id
{%- endmacro %}
