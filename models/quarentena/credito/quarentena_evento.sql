{{ config(alias='evento') }}

with

situados as (
    select * from {{ ref('base_credito__evento') }}
    where _classe = 'quarentena'
),

recebidos as (
    select * from {{ source('credito', 'evento') }}
),

-- As it was sent: what was read of it is what could be read.
quarentena_evento as (
    select
        s._topico,
        s._particao,
        s._deslocamento,
        s._recebido_em,
        s.id_evento,
        s.tipo_evento,
        s.versao_esquema,
        s.id_pedido,
        s.id_cliente,
        s.id_sessao,
        s.ocorrido_em,
        s.produzido_em,
        r.dados,
        s.motivos,
        s._carga_id,
        s._carregado_em
    from situados as s
    inner join recebidos as r
        on s._topico = r._topico and s._particao = r._particao and s._deslocamento = r._deslocamento
)

select * from quarentena_evento
