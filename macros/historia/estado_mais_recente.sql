{#
    The newest state of each key of a raw table read as a photograph. A key that was deleted keeps
    the content it had before, and says so in `excluido_na_origem`: a deletion lands only the key.
#}
{% macro estado_mais_recente(relacao, chave) -%}
    {%- set colunas = [chave] if chave is string else chave -%}
    select
        e.*,
        u._ultima_carga_id,
        e._carga_id < u._ultima_carga_id as excluido_na_origem
    from {{ relacao }} as e
    inner join (
        select
            {{ colunas | join(', ') }},
            max(_carga_id) as _ultima_carga_id,
            max(case when _operacao <> 'exclusao' then _carga_id end) as _carga_do_conteudo
        from {{ relacao }}
        group by {{ colunas | join(', ') }}
    ) as u
        on
            {% for coluna in colunas %}e.{{ coluna }} = u.{{ coluna }} and {% endfor -%}
            e._carga_id = u._carga_do_conteudo
{%- endmacro %}
