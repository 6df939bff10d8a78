with

estados as (
    {{ estados_em_staging(ref('base_fintech__users')) }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__users'), 'situacao', ref('situacao_usuario'), ['situacao']
    ) }}
),

stg_fintech__users as (
    select
        e.id_usuario,
        {{ limpar_texto('e.nome') }} as nome,
        e.email_mascara,
        e.email_token,
        e.telefone_mascara,
        e.telefone_token,
        e.data_nascimento,
        e.criado_em,
        e.atualizado_em,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        e.situacao as situacao_digitada,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join situacoes as s on e.situacao = s.texto
)

select * from stg_fintech__users
