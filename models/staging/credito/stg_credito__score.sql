with

vigentes as (
    select * from {{ ref('base_credito__score') }}
    where _classe = 'vigente'
),

stg_credito__score as (
    select
        id_consulta,
        revisao,
        id_cliente,
        case when not {{ em_branco('id_pedido') }} then id_pedido end as id_pedido,
        modelo,
        {{ sem_espacos_ao_redor('versao_modelo') }} as versao_modelo,
        score,
        calculado_em,
        publicado_em,
        case when not {{ em_branco('motivo_revisao') }} then motivo_revisao end as motivo_revisao,
        _carga_id
    from vigentes
)

select * from stg_credito__score
