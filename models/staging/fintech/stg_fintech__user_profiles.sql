with

estados as (
    {{ estados_em_staging(ref('base_fintech__user_profiles')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__user_profiles'), 'situacao_kyc', ref('situacao_kyc'), ['situacao']
    ) }}
),

stg_fintech__user_profiles as (
    select
        e.id_usuario,
        e.endereco,
        {{ limpar_texto('e.tipo_documento') }} as tipo_documento,
        e.documento_token,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao_kyc,
        e.situacao_kyc as situacao_kyc_digitada,
        e.decidido_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao_kyc = s.texto
)

select * from stg_fintech__user_profiles
