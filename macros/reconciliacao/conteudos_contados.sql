{#
    The same of a table in which several contents of one key may land, whichever of them stays: rows alone,
    as such a table has no amount.
#}
{% macro conteudos_contados(fonte, tabela, mart) -%}
    {%- set base = ref('base_' ~ fonte ~ '__' ~ tabela) -%}
    {%- set relacoes = [
        ('raw', source(fonte, tabela), 'true'),
        ('quarentena', ref('quarentena_' ~ tabela), 'true'),
        ('duplicadas', base, "_classe in ('duplicada', 'conflito')"),
        ('staging', ref('stg_' ~ fonte ~ '__' ~ tabela), 'true'),
        ('mart', ref(mart), 'true'),
    ] -%}
    {%- for classe, relacao, onde in relacoes %}
    select
        '{{ tabela }}' as tabela,
        _carga_id,
        '{{ classe }}' as classe,
        count(*) as linhas,
        cast(0 as decimal(25, 4)) as valor,
        cast(0 as bigint) as sem_valor
    from {{ relacao }}
    where {{ onde }}
    group by _carga_id
    {% if not loop.last %}union all{% endif -%}
    {%- endfor -%}
{%- endmacro %}
