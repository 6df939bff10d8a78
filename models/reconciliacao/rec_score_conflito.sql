with

-- Each class by itself: PostgreSQL would write out a copy of a CTE that is read twice.
conflitos as (
    select * from {{ ref('base_credito__score') }}
    where _classe = 'conflito'
),

vigentes as (
    select * from {{ ref('base_credito__score') }}
    where _classe = 'vigente'
),

rec_score_conflito as (
    select
        c.id_consulta,
        c.revisao,
        c.id_cliente,
        {{ campos_que_diferem('c', 'v', [
            'id_cliente', 'id_pedido', 'modelo', 'versao_modelo', 'score', 'calculado_em',
            'publicado_em', 'motivo_revisao',
        ]) }} as campos,
        c.score,
        v.score as score_que_fica,
        c.publicado_em,
        v.publicado_em as publicado_em_que_fica,
        c._carga_id,
        c._linha,
        v._carga_id as _carga_id_que_fica,
        v._linha as _linha_que_fica
    from conflitos as c
    inner join vigentes as v on c.id_consulta = v.id_consulta and c.revisao = v.revisao
)

select * from rec_score_conflito
