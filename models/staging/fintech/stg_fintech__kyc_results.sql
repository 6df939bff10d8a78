with

estados as (
    {{ estados_em_staging(ref('base_fintech__kyc_results')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__kyc_results'), 'situacao', ref('situacao_consulta'), ['situacao']
    ) }}
),

stg_fintech__kyc_results as (
    select
        e.id_consulta,
        e.id_usuario,
        {{ sem_espacos_ao_redor('e.provedor') }} as provedor,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.situacao as situacao_digitada,
        e.consultado_em,
        e.resposta_permitida,
        e.resposta_resumo,
        e.resposta_tamanho,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao = s.texto
)

select * from stg_fintech__kyc_results
