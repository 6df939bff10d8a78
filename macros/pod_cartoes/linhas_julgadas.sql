{#
    The body of a base model of the issuer's files: every row of the accepted deliveries, typed by
    its file's form and judged, in exactly one class. A row of a delivery that is no longer current
    is `substituida`, whatever it holds; then come `quarentena`, and of the good rows of a key all
    but one are `duplicada`. Good rows of one file that share a key and differ say that the key is
    none, as a spreadsheet makes of long ids: all of them are set aside, and none is chosen.

    Nearly every key stands in one row. Only the keys that the current deliveries, or one file,
    repeat are judged a second time and ordered; the table as a whole is never sorted, nor kept
    between two steps.
#}
{% macro linhas_julgadas(entidade, ids, datas, valores, regras) -%}
{%- set chave = ids[0] -%}
{#- No CTE for the raw table: PostgreSQL would write out a copy of it, being read three times. -#}
{%- set brutas = source('pod_cartoes', entidade) -%}
with

entregas as (
    select *
    from {{ ref('base_pod_cartoes__entregas') }}
    where entidade = '{{ entidade }}'
),

repetidas as (
    select b.*
    from {{ brutas }} as b
    where
        b.{{ chave }} in (
            select r.{{ chave }}
            from {{ brutas }} as r
            inner join entregas as e on r._carga_id = e._carga_id
            group by r.{{ chave }}, case when e.vigente then 0 else r._carga_id end
            having count(*) > 1
        )
),

comparadas as (
    select
        {{ chave }},
        entrega,
        entrega_vigente,
        _carga_id,
        _linha,
        (
            {%- for coluna in ids[1:] + datas + valores %}
            {% if not loop.first %}or {% endif -%}
            min({{ coluna }}) over na_carga < max({{ coluna }}) over na_carga
            {%- endfor %}
        ) as diverge
    from (
        {{ leitura_julgada('repetidas', ids, datas, valores, regras) }}
    ) as concorrentes
    where motivos is null
    window na_carga as (partition by _carga_id, {{ chave }})
),

ordenadas as (
    select
        _carga_id,
        _linha,
        diverge,
        entrega_vigente,
        row_number() over (
            partition by {{ chave }}, entrega_vigente, diverge
            order by
                case when entrega = 'historico' then 1 else 0 end,
                _carga_id desc,
                _linha desc
        ) as ordem
    from comparadas
),

preteridas as (
    select
        _carga_id,
        _linha,
        diverge
    from ordenadas
    where diverge or (entrega_vigente and ordem > 1)
),

julgadas as (
    {{ leitura_julgada(brutas, ids, datas, valores, regras) }}
)

select
    {% for coluna in ids + datas + valores -%}
    j.{{ coluna }},
    {% endfor -%}
    case
        when p.diverge then '{{ chave }} repetido no arquivo com outros valores'
        else j.motivos
    end as motivos,
    case
        when not j.entrega_vigente then 'substituida'
        when p.diverge or j.motivos is not null then 'quarentena'
        when p._linha is not null then 'duplicada'
        else 'vigente'
    end as situacao,
    j.entrega,
    j._carga_id,
    j._linha
from julgadas as j
left join preteridas as p on j._carga_id = p._carga_id and j._linha = p._linha
{%- endmacro %}

{#
    A query for the rows of a relation, typed by their file's form, with all their reasons. Beside
    a typed column stands its text, named `<column>_bruto`.
#}
{% macro leitura_julgada(relacao, ids, datas, valores, regras) -%}
{%- set maus_ids, sem_valor, fora_de_epoca = motivos_dos_ids(ids), {}, {} -%}
{%- for coluna in datas + valores -%}
    {%- set vazia = em_branco(coluna ~ '_bruto') -%}
    {%- do sem_valor.update({
        coluna ~ ' em branco': coluna ~ ' is null and ' ~ vazia,
        coluna ~ ' ilegível': coluna ~ ' is null and not ' ~ vazia,
    }) -%}
{%- endfor -%}
{%- for coluna in datas -%}
    {%- do fora_de_epoca.update({
        coluna ~ ' antes de 1990-01-01': coluna ~ " < cast('1990-01-01' as date)",
        coluna ~ ' mais de 5 anos depois da carga': coluna ~ ' > data_maxima',
    }) -%}
{%- endfor -%}
{#- Why a column has no value is asked only where some rule is broken. -#}
{%- set triagem = maus_ids.values() | list + fora_de_epoca.values() | list
    + regras.values() | list -%}
{%- for coluna in datas + valores -%}
    {%- do triagem.append(coluna ~ ' is null') -%}
{%- endfor -%}
select
    *,
    {{ lista_de_motivos(
        dict(maus_ids, **dict(sem_valor, **dict(fora_de_epoca, **regras))),
        triagem=triagem | join(' or ')
    ) }} as motivos
from (
    select
        {% for coluna in ids -%}
        b.{{ coluna }},
        {% endfor -%}
        {% for coluna in datas -%}
        b.{{ coluna }} as {{ coluna }}_bruto,
        {{ tentar_data('b.' ~ coluna, 'e.forma_data') }} as {{ coluna }},
        {% endfor -%}
        {% for coluna in valores -%}
        b.{{ coluna }} as {{ coluna }}_bruto,
        {{ tentar_decimal('b.' ~ coluna, 'e.forma_decimal') }} as {{ coluna }},
        {% endfor -%}
        e.entrega,
        e.vigente as entrega_vigente,
        e.data_maxima,
        b._carga_id,
        b._linha
    from {{ relacao }} as b
    inner join entregas as e on b._carga_id = e._carga_id
    {{ uma_vez_por_linha() }}
) as lidas
{%- endmacro %}
