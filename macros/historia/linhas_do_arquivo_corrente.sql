{#
    Of a table of files without a period, each of which is all there is: the lines of the newest one, a
    key once. Of several lines of a key the last counts.
#}
{% macro linhas_do_arquivo_corrente(fonte, tabela, chave) -%}
    select
        o.*
    from (
        select
            r.*,
            c.forma_decimal,
            c.forma_data,
            row_number() over (
                partition by r.{{ chave }}
                order by r._arquivo desc, r._linha desc
            ) as _ordem
        from {{ source(fonte, tabela) }} as r
        inner join {{ source('controle', 'cargas') }} as c on r._carga_id = c._carga_id
        where
            not {{ em_branco('r.' ~ chave) }}
            and r._carga_id = (
                select max(n._carga_id)
                from {{ source('controle', 'cargas') }} as n
                where
                    n.fonte = '{{ fonte }}'
                    and n.entidade = '{{ tabela }}'
                    and n.status = 'ok'
            )
    ) as o
    where o._ordem = 1
{%- endmacro %}
