with

-- Each class by itself: PostgreSQL would write out a copy of a CTE that is read twice.
conflitos as (
    select * from {{ ref('base_credito__evento') }}
    where _classe = 'conflito'
),

vigentes as (
    select * from {{ ref('base_credito__evento') }}
    where _classe = 'vigente'
),

-- What is left where nothing else differs is the way in which the data are written.
rec_eventos_conflito as (
    select
        c.id_evento,
        c.id_pedido,
        c.id_cliente,
        c.tipo_evento,
        coalesce({{ campos_que_diferem('c', 'v', [
            'tipo_evento', 'versao_esquema', 'id_pedido', 'id_cliente', 'id_sessao', 'ocorrido_em',
            'dados', 'dados_extra',
        ]) }}, 'dados') as campos,
        c._topico as topico,
        c._particao as particao,
        c._deslocamento as deslocamento,
        c._recebido_em as recebido_em,
        v._topico as topico_que_fica,
        v._particao as particao_que_fica,
        v._deslocamento as deslocamento_que_fica,
        v._recebido_em as recebido_em_que_fica,
        c._carga_id
    from conflitos as c
    inner join vigentes as v on c.id_evento = v.id_evento
)

select * from rec_eventos_conflito
