{{- config(materialized='table' if target.type == 'spark' else 'view') -}}
with

lidos as (
    select * from {{ ref('base_credito__evento_lido') }}
),

-- Nearly every event came once: only the others are put in order.
repetidos as (
    select id_evento
    from lidos
    where motivos is null
    group by id_evento
    having count(*) > 1
),

em_ordem as (
    select
        l.*,
        row_number() over (
            partition by l.id_evento
            order by
                l._recebido_em,
                {{ em_bytes('l._topico') }},
                {{ em_bytes('l._particao') }},
                {{ em_bytes('l._deslocamento') }}
        ) as vez,
        first_value(l._resumo) over (
            partition by l.id_evento
            order by
                l._recebido_em,
                {{ em_bytes('l._topico') }},
                {{ em_bytes('l._particao') }},
                {{ em_bytes('l._deslocamento') }}
        ) as resumo_vigente
    from lidos as l
    inner join repetidos as r on l.id_evento = r.id_evento
    where l.motivos is null
    union all
    select
        l.*,
        cast(1 as bigint) as vez,
        l._resumo as resumo_vigente
    from lidos as l
    left join repetidos as r on l.id_evento = r.id_evento and l.motivos is null
    where r.id_evento is null
),

base_credito__evento as (
    select
        _topico,
        _particao,
        _deslocamento,
        _recebido_em,
        id_evento,
        tipo_evento,
        tipo_conhecido,
        versao_esquema,
        versao_desconhecida,
        id_pedido,
        id_cliente,
        id_sessao,
        ocorrido_em,
        produzido_em,
        relogio_adiantado,
        canal,
        campanha,
        produto,
        status_novo,
        motivo,
        origem,
        id_requisicao,
        dados,
        dados_extra,
        qtd_campos_invalidos,
        motivos,
        case
            when motivos is not null then 'quarentena'
            when vez = 1 then 'vigente'
            when _resumo = resumo_vigente then 'duplicada'
            else 'conflito'
        end as _classe,
        _resumo,
        _carga_id,
        _carregado_em
    from em_ordem
)

select * from base_credito__evento
