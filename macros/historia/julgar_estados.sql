{#
    The whole of a base model of a table that is read from a database: every landed state of every key,
    judged, and the class in which it stands. It is a macro because a source's tables differ in nothing
    but their columns and reasons.

    Nearly every key has one state. Only those that were ever seen twice need their newest one looked
    up, so the table is not sorted by key. No CTE for the raw table: PostgreSQL would write out a copy
    of it, being read three times. On Spark it is a table: each of its readers would plan, and judge, all
    of it again.
#}
{% macro julgar_estados(
    raw, chave, colunas, momentos={}, ids=none, valores=[], obrigatorias=[], motivos={},
    lido=none, auxiliares=[]
) -%}
{{- config(materialized='table' if target.type == 'spark' else 'view') -}}
{%- set nomes = colunas.keys() | list + momentos.keys() | list -%}
{%- set origens = dict(colunas, **momentos) -%}
{%- set regras = motivos_dos_ids(ids or [chave]) -%}
{%- for nome in valores -%}
    {%- do regras.update({
        nome ~ ' ilegível': nome ~ ' is null and ' ~ ilegivel(origens[nome]),
        nome ~ ' zero ou negativo': nome ~ ' <= 0',
        nome ~ ' com mais de duas casas decimais':
            nome ~ ' <> cast(' ~ nome ~ ' as decimal(20, 2))',
    }) -%}
{%- endfor -%}
{%- for nome in obrigatorias -%}
    {%- do regras.update({
        nome ~ ' em branco': nome ~ ' is null and not ' ~ ilegivel(origens[nome]),
    }) -%}
    {%- if nome not in valores -%}
        {%- do regras.update({
            nome ~ ' ilegível': nome ~ ' is null and ' ~ ilegivel(origens[nome]),
            nome ~ ' antes de 1990-01-01': nome ~ " < cast('1990-01-01' as timestamp)",
        }) -%}
        {%- if nome in momentos -%}
            {%- do regras.update({
                nome ~ ' mais de 5 anos depois da carga': nome ~ ' > data_maxima',
            }) -%}
        {%- endif -%}
    {%- endif -%}
{%- endfor -%}
{%- do regras.update(motivos) -%}

with

cargas as (
    select * from {{ source('controle', 'cargas') }}
),

repetidas as (
    select
        e.{{ chave }},
        max(e._carga_id) as _ultima_carga_id,
        max(case when e._operacao <> 'exclusao' then e._carga_id end) as _carga_do_conteudo
    from {{ raw }} as e
    where
        e.{{ chave }} in (
            select r.{{ chave }}
            from {{ raw }} as r
            where r._operacao <> 'inclusao'
        )
    group by e.{{ chave }}
),

limites as (
    select
        _carga_id,
        {{ dbt.dateadd('year', 5, em_utc('inicio')) }} as data_maxima
    from cargas
),

lidos as (
    select
        {%- for nome, origem in colunas.items() %}
        e.{{ origem }} as {{ nome }},
        {%- endfor %}
        {%- for nome, origem in momentos.items() %}
        {{ em_utc('e.' ~ origem) }} as {{ nome }},
        {%- endfor %}
        {%- for nome in auxiliares %}
        e.{{ nome }},
        {%- endfor %}
        l.data_maxima,
        r._carga_do_conteudo,
        coalesce(r._ultima_carga_id, e._carga_id) as _ultima_carga_id,
        e._ilegiveis,
        e._operacao,
        e._carga_id,
        e._tabela,
        e._linha,
        e._carregado_em
    from {{ lido or raw }} as e
    left join repetidas as r on e.{{ chave }} = r.{{ chave }}
    left join limites as l on e._carga_id = l._carga_id
),

julgados as (
    select
        *,
        case
            when _operacao <> 'exclusao'
                then {{ lista_de_motivos(regras) }}
        end as motivos
    from lidos
),

-- A deletion lands the key alone, so that of a key that is gone the state before it is kept.
situados as (
    select
        {%- for nome in nomes %}
        {{ nome }},
        {%- endfor %}
        motivos,
        case
            when _operacao = 'exclusao' or _carga_do_conteudo > _carga_id then 'substituida'
            when _ultima_carga_id > _carga_id and motivos is null then 'excluida'
            when _ultima_carga_id > _carga_id then 'substituida'
            when motivos is not null then 'quarentena'
            else 'vigente'
        end as _classe,
        _ultima_carga_id,
        _ilegiveis,
        _operacao,
        _carga_id,
        _tabela,
        _linha,
        _carregado_em
    from julgados
)

select * from situados
{%- endmacro %}
