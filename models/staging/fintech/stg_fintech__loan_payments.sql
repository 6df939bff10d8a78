with

estados as (
    {{ estados_em_staging(ref('base_fintech__loan_payments')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__loan_payments'), 'situacao', ref('situacao_parcela'), ['situacao']
    ) }}
),

stg_fintech__loan_payments as (
    select
        e.id_parcela,
        e.id_emprestimo,
        e.data_vencimento,
        cast(e.valor as decimal(18, 2)) as valor,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.situacao as situacao_digitada,
        e.pago_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao = s.texto
)

select * from stg_fintech__loan_payments
