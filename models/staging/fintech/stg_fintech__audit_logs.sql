with

estados as (
    {{ estados_em_staging(ref('base_fintech__audit_logs')) }}
),

acoes as (
    {{ textos_mapeados(ref('base_fintech__audit_logs'), 'acao', ref('acao_auditoria'), ['acao']) }}
),

stg_fintech__audit_logs as (
    select
        e.id_auditoria,
        lower({{ sem_espacos_ao_redor('e.entidade') }}) as entidade,
        e.id_entidade,
        coalesce(a.acao, 'NAO MAPEADO') as acao,
        e.acao as acao_digitada,
        e.data_resumo,
        e.data_permitido,
        e.data_tamanho,
        e.executado_por,
        e.registrado_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join acoes as a on e.acao = a.texto
)

select * from stg_fintech__audit_logs
