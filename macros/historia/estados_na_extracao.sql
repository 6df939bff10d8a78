{#
    Of a base model the good state of each key as an extraction found it: the newest landed by then, of
    keys that the source still had. A state that was set aside is passed over.

    Args:
        base: the base model.
        chave: its key.
        extracao: the name of a CTE of one row with `extraido_em` (macro extracao_corrente).
#}
{% macro estados_na_extracao(base, chave, extracao) -%}
    select s.*
    from (
        select
            e.*,
            x.extraido_em,
            row_number() over (partition by e.{{ chave }} order by e._carga_id desc) as ordem
        from {{ base }} as e
        inner join {{ source('controle', 'cargas') }} as c on e._carga_id = c._carga_id
        inner join {{ extracao }} as x on c.extraido_em <= x.extraido_em
        where e.motivos is null
    ) as s
    where s.ordem = 1 and s._operacao <> 'exclusao'
{%- endmacro %}
