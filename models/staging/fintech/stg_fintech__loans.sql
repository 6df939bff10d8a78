with

estados as (
    {{ estados_em_staging(ref('base_fintech__loans')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__loans'), 'situacao', ref('situacao_emprestimo'), ['situacao']
    ) }}
),

stg_fintech__loans as (
    select
        e.id_emprestimo,
        e.id_usuario,
        cast(e.valor_solicitado as decimal(18, 2)) as valor_solicitado,
        cast(e.valor_aprovado as decimal(18, 2)) as valor_aprovado,
        e.prazo_meses,
        e.taxa_juros,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.situacao as situacao_digitada,
        e.criado_em,
        e.aprovado_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao = s.texto
)

select * from stg_fintech__loans
