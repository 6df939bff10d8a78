{#
    The body of a quarentena_*_historico of a database: every landed state that was ever set aside.
    It leaves when the next state of its key lands, whatever that state is. A deletion holds only
    the key: it is no state that could be set aside.
#}
{% macro historico_dos_estados(base, chave, colunas) -%}
select
    {% for coluna in colunas -%}
    q.{{ coluna }},
    {% endfor -%}
    q.motivos,
    q._carga_id,
    q._tabela,
    q._linha,
    q._carregado_em as entrou_em,
    s.saiu_em
from {{ base }} as q
left join (
    select
        a.{{ chave }},
        a._carga_id,
        min(e._carregado_em) as saiu_em
    from {{ base }} as a
    inner join {{ base }} as e on a.{{ chave }} = e.{{ chave }} and a._carga_id < e._carga_id
    where a.motivos is not null
    group by a.{{ chave }}, a._carga_id
) as s
    on q.{{ chave }} = s.{{ chave }} and q._carga_id = s._carga_id
where
    q.motivos is not null
    and q._operacao <> 'exclusao'
{%- endmacro %}
