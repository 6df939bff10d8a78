with

estados as (
    {{ estados_em_staging(ref('base_fintech__user_documents')) }}
),

stg_fintech__user_documents as (
    select
        e.id_documento,
        e.id_usuario,
        {{ limpar_texto('e.tipo_documento') }} as tipo_documento,
        e.s3_key_resumo,
        e.checksum,
        e.enviado_em,
        e.id_consulta,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
)

select * from stg_fintech__user_documents
