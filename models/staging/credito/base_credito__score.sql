{{- config(materialized='table' if target.type == 'spark' else 'view') -}}
{%- set regras = motivos_dos_ids(['id_consulta', 'id_cliente']) %}
{%- do regras.update({
    'revisao em branco': 'revisao is null',
    'modelo fora de modelo_score': 'score_minimo is null',
    'score em branco': 'score is null',
    'score fora da escala do modelo': 'score < score_minimo or score > score_maximo',
    'calculado_em em branco': 'calculado_em is null',
    'publicado_em em branco': 'publicado_em is null',
}) %}
{#- What a content is, to the last byte: of two of them the smaller hash stays. #}
{%- set conteudo = [
    'id_consulta', 'revisao', 'id_cliente', 'id_pedido', 'modelo', 'versao_modelo',
    'cast(score as decimal(18, 6))', em_microssegundos('calculado_em'),
    em_microssegundos('publicado_em'), 'motivo_revisao',
] %}
with

modelos as (
    select
        modelo,
        {{ limpar_texto('modelo') }} as chave,
        score_minimo,
        score_maximo
    from {{ ref('modelo_score') }}
),

lidos as (
    select
        e.id_consulta,
        e.revisao,
        e.id_cliente,
        e.id_pedido,
        e.modelo as modelo_digitado,
        {{ limpar_texto('e.modelo') }} as modelo,
        e.versao_modelo,
        e.score,
        {{ em_utc('e.calculado_em') }} as calculado_em,
        {{ em_utc('e.publicado_em') }} as publicado_em,
        e.motivo_revisao,
        e._endpoint,
        e._operacao,
        e._carga_id,
        e._linha,
        e._carregado_em
    from {{ linhas_conhecidas('credito', 'score') }} as e
),

com_escala as (
    select
        l.*,
        m.modelo as modelo_conhecido,
        m.score_minimo,
        m.score_maximo
    from lidos as l
    left join modelos as m on l.modelo = m.chave
),

julgados as (
    select
        *,
        {{ lista_de_motivos(regras) }} as motivos,
        {{ chave_substituta(conteudo) }} as _resumo
    from com_escala
),

-- Nearly every revision came with one content: only the others are put in order.
repetidas as (
    select
        id_consulta,
        revisao
    from julgados
    where motivos is null
    group by id_consulta, revisao
    having count(*) > 1
),

em_ordem as (
    select
        j.*,
        row_number() over (
            partition by j.id_consulta, j.revisao
            order by j.publicado_em, j._resumo, j._carga_id, j._linha
        ) as vez,
        first_value(j._resumo) over (
            partition by j.id_consulta, j.revisao
            order by j.publicado_em, j._resumo, j._carga_id, j._linha
        ) as resumo_vigente
    from julgados as j
    inner join repetidas as r on j.id_consulta = r.id_consulta and j.revisao = r.revisao
    where j.motivos is null
    union all
    select
        j.*,
        cast(1 as bigint) as vez,
        j._resumo as resumo_vigente
    from julgados as j
    left join repetidas as r
        on j.id_consulta = r.id_consulta and j.revisao = r.revisao and j.motivos is null
    where r.id_consulta is null
),

situados as (
    select
        id_consulta,
        revisao,
        id_cliente,
        id_pedido,
        coalesce(modelo_conhecido, modelo_digitado) as modelo,
        versao_modelo,
        score,
        calculado_em,
        publicado_em,
        motivo_revisao,
        motivos,
        case
            when motivos is not null then 'quarentena'
            when vez = 1 then 'vigente'
            when _resumo = resumo_vigente then 'duplicada'
            else 'conflito'
        end as _classe,
        _resumo,
        _endpoint,
        _operacao,
        _carga_id,
        _linha,
        _carregado_em
    from em_ordem
)

select * from situados
