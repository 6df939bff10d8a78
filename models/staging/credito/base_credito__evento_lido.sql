{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key=['_topico', '_particao', '_deslocamento'],
        on_schema_change='fail',
        pre_hook=["{{ sem_lacos_aninhados() }}"],
    )
}}

{#- The fields that models read; the others stay in `dados`. #}
{%- set campos_lidos = [
    'canal', 'campanha', 'produto', 'status_novo', 'motivo', 'origem', 'id_requisicao',
] %}
{%- set lugar = ['_topico', '_particao', '_deslocamento'] %}
{%- set conteudo = [
    'id_evento', 'tipo_evento', 'versao_esquema', 'id_pedido', 'id_cliente', 'id_sessao',
    em_microssegundos('ocorrido_em'), 'dados_recebidos',
] %}
{%- set texto = dbt.type_string() %}
{%- set numero, iso = '-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?', "'AAAA-MM-DD'" %}
{%- set em_json %}
        case
            when lido is not null
                then {{ texto_em_json('campo_canonico') }} || ':' || case
                    when sem_aspas then lido
                    when escrito is not null then escrito
                    else {{ texto_em_json('lido') }}
                end
        end
{%- endset %}
{%- set extra = texto_em_json('c.campo') ~ " || ':' || c.escrito" %}
{%- set regras = motivos_dos_ids(['id_evento']) %}
{%- do regras.update({
    'tipo_evento em branco': em_branco('tipo_evento'),
    'versao_esquema fora do registro': 'tipo_conhecido and coalesce(versao_esquema, 0) < versao_mais_antiga',
    'ocorrido_em em branco': 'ocorrido_em is null',
    'ocorrido_em antes de 2000-01-01': "ocorrido_em < cast('2000-01-01' as timestamp)",
    'dados não são um objeto JSON': 'not apagado and not ' ~ objeto_json('dados_recebidos'),
}) %}
with

registro as (
    select
        tipo_evento,
        campo,
        nome_anterior,
        tipo,
        obrigatorio,
        padrao,
        desde_versao,
        coalesce(ate_versao, 2147483647) as ate_versao,
        coalesce(ate_versao, desde_versao) as ultima_versao
    from {{ ref('esquema_evento') }}
),

{%- if is_incremental() %}

-- A load that began before the newest one that was read may have ended after it.
a_ler as (
    select c._carga_id
    from {{ source('controle', 'cargas') }} as c
    left join {{ source('controle', 'cargas') }} as u
        on u._carga_id = {{ ultima_carga_no_fato() }} and c.fim < u.fim
    where c.fonte = 'credito' and c.entidade = 'evento' and u._carga_id is null
),
{%- endif %}

tipos as (
    select
        tipo_evento,
        min(desde_versao) as versao_mais_antiga,
        max(greatest(desde_versao, ultima_versao)) as versao_mais_nova
    from registro
    group by tipo_evento
),

-- A field goes by its newest name, whatever it was called in the version of an event. A test holds the
-- registry to three changes of name.
campos_do_registro as (
    select
        r.*,
        coalesce(n3.campo, n2.campo, n1.campo, r.campo) as campo_canonico
    from registro as r
    left join registro as n1 on r.tipo_evento = n1.tipo_evento and r.campo = n1.nome_anterior
    left join registro as n2 on n1.tipo_evento = n2.tipo_evento and n1.campo = n2.nome_anterior
    left join registro as n3 on n2.tipo_evento = n3.tipo_evento and n2.campo = n3.nome_anterior
),

lidos as (
    select
        e._topico,
        e._particao,
        e._deslocamento,
        {{ em_utc('e._recebido_em') }} as _recebido_em,
        e.id_evento,
        e.tipo_evento,
        t.tipo_evento is not null as tipo_conhecido,
        e.versao_esquema,
        t.versao_mais_antiga,
        t.versao_mais_nova,
        coalesce(e.versao_esquema > t.versao_mais_nova, false) as versao_desconhecida,
        e.id_pedido,
        e.id_cliente,
        e.id_sessao,
        {{ em_utc('e.ocorrido_em') }} as ocorrido_em,
        {{ em_utc('e.produzido_em') }} as produzido_em,
        e.dados as dados_recebidos,
        -- Of an erased person what an event told is gone.
        e.dados is null
        and coalesce({{ esquecido('e.id_pedido') }} or {{ esquecido('e.id_cliente') }}, false)
            as apagado,
        e._carga_id,
        e._carregado_em
    from {{ linhas_conhecidas('credito', 'evento') }} as e
    left join tipos as t on e.tipo_evento = t.tipo_evento
    {%- if is_incremental() %}
    inner join a_ler as a on e._carga_id = a._carga_id
    {%- endif %}
    where {{ carga_encerrada('e._carga_id') }}
),

conhecidos as (
    select
        _topico,
        _particao,
        _deslocamento,
        tipo_evento,
        least(versao_esquema, versao_mais_nova) as versao,
        dados_recebidos
    from lidos
    where tipo_conhecido and versao_esquema is not null and not apagado
),

campos as (
    {{ campos_do_json('conhecidos', lugar + ['tipo_evento', 'versao'], 'dados_recebidos') }}
),

esperados as (
    select
        c._topico,
        c._particao,
        c._deslocamento,
        r.campo,
        r.nome_anterior,
        r.campo_canonico,
        r.tipo,
        r.obrigatorio,
        r.padrao
    from conhecidos as c
    inner join campos_do_registro as r
        on
            c.tipo_evento = r.tipo_evento
            and c.versao between r.desde_versao and r.ate_versao
),

-- Under its name, or under the one that it had before.
achados as (
    select
        e._topico,
        e._particao,
        e._deslocamento,
        e.campo_canonico,
        e.tipo,
        e.obrigatorio,
        e.padrao,
        coalesce(c.valor, a.valor) as valor,
        case when c.valor is not null then c.escrito else a.escrito end as escrito
    from esperados as e
    left join campos as c
        on
            e._topico = c._topico
            and e._particao = c._particao
            and e._deslocamento = c._deslocamento
            and e.campo = c.campo
    left join campos as a
        on
            e._topico = a._topico
            and e._particao = a._particao
            and e._deslocamento = a._deslocamento
            and e.nome_anterior = a.campo
),

-- Each value as its type is written, so that a number reads alike on all engines; null where it is of
-- another type. Numbers may come as texts.
convertidos as (
    select
        *,
        case
            when tipo = 'text' and escrito like '"%' then valor
            when tipo = 'integer' and {{ corresponde('valor', '-?[0-9]{1,18}') }}
                then cast({{ tentar_conversao('valor', 'bigint') }} as {{ texto }})
            when tipo = 'decimal' and {{ corresponde('valor', numero) }}
                then cast({{ tentar_conversao('valor', 'decimal(38,6)') }} as {{ texto }})
            when tipo = 'boolean' and escrito in ('true', 'false') then escrito
            when tipo = 'date' and {{ tentar_data('valor', iso) }} is not null then valor
            when tipo = 'timestamp' and {{ tentar_data_hora('valor', iso) }} is not null then valor
        end as convertido
    from achados
),

julgados as (
    select
        _topico,
        _particao,
        _deslocamento,
        campo_canonico,
        tipo in ('integer', 'decimal', 'boolean') as sem_aspas,
        case when valor is null then padrao else convertido end as lido,
        valor is not null and convertido is null as de_outro_tipo,
        case
            when obrigatorio and valor is null then campo_canonico || ' em branco'
            when obrigatorio and convertido is null then campo_canonico || ' de outro tipo'
        end as problema,
        case when tipo = 'text' and valor is not null then escrito end as escrito
    from convertidos
),

por_evento as (
    select
        _topico,
        _particao,
        _deslocamento,
        {{ texto_agregado('problema', '; ', 'campo_canonico') }} as problemas,
        count(*) filter (where de_outro_tipo and problema is null) as qtd_campos_invalidos,
        {%- for campo in campos_lidos %}
        max(case when campo_canonico = '{{ campo }}' then lido end) as {{ campo }},
        {%- endfor %}
        {{ texto_agregado(em_json, ',', 'campo_canonico') }} as dados_lidos
    from julgados
    group by _topico, _particao, _deslocamento
),

desconhecidos as (
    select
        c._topico,
        c._particao,
        c._deslocamento,
        {{ texto_agregado(extra, ',', 'c.campo') }} as extras
    from campos as c
    left join registro as r
        on
            c.tipo_evento = r.tipo_evento
            and c.versao between r.desde_versao and r.ate_versao
            and (c.campo = r.campo or c.campo = r.nome_anterior)
    where r.campo is null
    group by c._topico, c._particao, c._deslocamento
),

base_credito__evento_lido as (
    select
        l._topico,
        l._particao,
        l._deslocamento,
        l._recebido_em,
        l.id_evento,
        l.tipo_evento,
        l.tipo_conhecido,
        l.versao_esquema,
        l.versao_desconhecida,
        l.id_pedido,
        l.id_cliente,
        l.id_sessao,
        l.ocorrido_em,
        l.produzido_em,
        l.ocorrido_em > {{ dbt.dateadd('minute', 5, 'l._recebido_em') }} as relogio_adiantado,
        {%- for campo in campos_lidos %}
        p.{{ campo }},
        {%- endfor %}
        '{' || coalesce(p.dados_lidos, '') || '}' as dados,
        case
            when l.tipo_conhecido then '{' || d.extras || '}'
            else l.dados_recebidos
        end as dados_extra,
        cast(coalesce(p.qtd_campos_invalidos, 0) as integer) as qtd_campos_invalidos,
        nullif(
            concat_ws('; ', {{ lista_de_motivos(regras) }}, p.problemas), ''
        ) as motivos,
        {{ chave_substituta(conteudo) }} as _resumo,
        l._carga_id,
        l._carregado_em
    from lidos as l
    left join por_evento as p
        on l._topico = p._topico and l._particao = p._particao and l._deslocamento = p._deslocamento
    left join desconhecidos as d
        on l._topico = d._topico and l._particao = d._particao and l._deslocamento = d._deslocamento
)

select * from base_credito__evento_lido
