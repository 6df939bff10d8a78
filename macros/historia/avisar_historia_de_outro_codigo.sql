{#
    Pre-hook of a snapshot: one warning where its code, or a seed that maps texts, is not that by
    which the newest extraction was applied. History is only ever added to, so that what was made of
    older ones stays. Extractions that an older version applied say nothing of it.
#}
{% macro avisar_historia_de_outro_codigo() -%}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- if codigo_da_historia(model.name) not in (none, impressao_do_codigo(model)) -%}
        {%- do exceptions.warn(
            model.name ~ ': its code, or a seed that it reads, changed since the newest extraction was'
            ~ ' applied. Versions that stand keep what they hold, later ones follow the new code;'
            ~ ' `make rebuild` applies it to the whole past.'
        ) -%}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}

{# By which code the newest extraction was applied to a snapshot; none where nobody noted it. #}
{% macro codigo_da_historia(snapshot) -%}
    {%- set consulta -%}
        select a.codigo
        from {{ source('historia', 'extracoes_aplicadas') }} as a
        where a.snapshot = '{{ snapshot }}'
        order by a.extraido_em desc
        limit 1
    {%- endset -%}
    {{ return(run_query(consulta).columns[0].values() | first | default(none)) }}
{%- endmacro %}
