{#
    Of a table that is read from a database what each load left in raw, in each class, in staging and,
    where it has one, in its mart:
    rows and, where the table has an amount, its sum. Each class is counted in the relation that holds
    it. Of a key that the source has no more staging keeps the last state, which the source does not
    hold: it is counted as superseded, as it is.
#}
{% macro estados_contados(fonte, tabela, valor=none, na_fonte=none, mart=none, no_mart=none) -%}
    {%- set base = ref('base_' ~ fonte ~ '__' ~ tabela) -%}
    {%- set relacoes = [
        ('raw', source(fonte, tabela), na_fonte, 'true'),
        ('substituidas', base, valor, "_classe in ('substituida', 'excluida')"),
        ('quarentena', ref('quarentena_' ~ tabela), valor, 'true'),
        ('staging', ref('stg_' ~ fonte ~ '__' ~ tabela), valor, 'excluido_na_fonte_em is null'),
    ] -%}
    {%- if mart -%}
        {%- do relacoes.append((
            'mart', ref(mart), valor, no_mart or 'excluido_na_fonte_em is null',
        )) -%}
    {%- endif -%}
    {%- for classe, relacao, coluna, onde in relacoes %}
    select
        '{{ tabela }}' as tabela,
        _carga_id,
        '{{ classe }}' as classe,
        count(*) as linhas,
        {% if valor -%}
        cast(coalesce(sum({{ coluna }}), 0) as decimal(25, 4)) as valor,
        count(*) - count({{ coluna }}) as sem_valor
        {%- else -%}
        cast(0 as decimal(25, 4)) as valor,
        cast(0 as bigint) as sem_valor
        {%- endif %}
    from {{ relacao }}
    where {{ onde }}
    group by _carga_id
    {% if not loop.last %}union all{% endif -%}
    {%- endfor -%}
{%- endmacro %}
