with

estados as (
    {{ estados_em_staging(ref('base_credito__pedido_credito_historico')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_credito__pedido_credito_historico'), 'situacao', ref('situacao_pedido'), ['situacao']
    ) }}
),

stg_credito__pedido_credito_historico as (
    select
        e.id_historico,
        e.id_pedido,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.situacao as situacao_digitada,
        e.situacao_anterior as situacao_anterior_digitada,
        case when not {{ em_branco('e.motivo') }} then e.motivo end as motivo,
        case
            when not {{ em_branco('e.origem') }} then lower({{ sem_espacos_ao_redor('e.origem') }})
        end as origem,
        case when not {{ em_branco('e.id_requisicao') }} then e.id_requisicao end as id_requisicao,
        e.ocorrido_em,
        e.registrado_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao = s.texto
)

select * from stg_credito__pedido_credito_historico
