{#
    The newest state of each key of a raw table read as a photograph. A key that was deleted keeps
    the content it had before, and says so in `excluido_na_origem`: a deletion lands only the key.
#}
{% macro estado_mais_recente(relacao, chave) -%}
    select
        conteudo.*,
        ultima._carga_id as _ultima_carga_id,
        ultima._operacao = 'exclusao' as excluido_na_origem
    from (
        select
            e.*,
            row_number() over (partition by e.{{ chave }} order by e._carga_id desc) as ordem
        from {{ relacao }} as e
        where e._operacao <> 'exclusao'
    ) as conteudo
    inner join (
        select
            e.{{ chave }},
            e._carga_id,
            e._operacao,
            row_number() over (partition by e.{{ chave }} order by e._carga_id desc) as ordem
        from {{ relacao }} as e
    ) as ultima
        on conteudo.{{ chave }} = ultima.{{ chave }}
    where conteudo.ordem = 1 and ultima.ordem = 1
{%- endmacro %}
