{#
    The extraction that a snapshot run applies: the oldest not applied yet, else the newest applied
    (so that a run with nothing new changes nothing). One row, or none before the first extraction.
#}
{% macro extracao_corrente(snapshot, fonte, origem) -%}
    select
        max(c._carga_id) as _carga_id,
        c.extraido_em
    from {{ source('controle', 'cargas') }} as c
    where
        c.fonte = '{{ fonte }}'
        and c.origem = '{{ origem }}'
        and c.status in ('ok', 'sem_novidade')
        and c.extraido_em = coalesce(
            (
                select min(p.extraido_em)
                from {{ source('controle', 'cargas') }} as p
                where
                    p.fonte = '{{ fonte }}'
                    and p.origem = '{{ origem }}'
                    and p.status in ('ok', 'sem_novidade')
                    and p.extraido_em > coalesce(
                        ({{ ultima_extracao_aplicada(snapshot) }}),
                        cast('0001-01-01 00:00:00+00' as {{ tipo('timestamptz') }})
                    )
            ),
            ({{ ultima_extracao_aplicada(snapshot) }})
        )
    group by c.extraido_em
{%- endmacro %}
