{# Time of the newest extraction that a snapshot has applied; null before the first. #}
{% macro ultima_extracao_aplicada(snapshot) -%}
    select max(a.extraido_em)
    from {{ source('historia', 'extracoes_aplicadas') }} as a
    where a.snapshot = '{{ snapshot }}'
{%- endmacro %}
