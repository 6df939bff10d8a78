with

estados as (
    {{ estados_em_staging(ref('base_credito__pedido_credito')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_credito__pedido_credito'), 'situacao', ref('situacao_pedido'), ['situacao']
    ) }}
),

stg_credito__pedido_credito as (
    select
        e.id_pedido,
        e.id_cliente,
        {{ limpar_texto('e.produto') }} as produto,
        {{ limpar_texto('e.canal') }} as canal,
        {{ limpar_texto('e.campanha') }} as campanha,
        e.valor_solicitado,
        e.prazo_meses,
        e.valor_aprovado,
        e.taxa_mensal,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.situacao as situacao_digitada,
        e.motivos_recusa,
        case when not {{ em_branco('e.id_contrato') }} then e.id_contrato end as id_contrato,
        e.versao,
        e.criado_em,
        e.decidido_em,
        e.atualizado_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao = s.texto
)

select * from stg_credito__pedido_credito
