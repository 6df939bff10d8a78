with

extracao as (
    {{ extracao_corrente('snap_fintech__usuario', 'fintech', 'users') }}
),

usuarios as (
    {{ estados_na_extracao(ref('base_fintech__users'), 'id_usuario', 'extracao') }}
),

perfis as (
    {{ estados_na_extracao(ref('base_fintech__user_profiles'), 'id_usuario', 'extracao') }}
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__users'), 'situacao', ref('situacao_usuario'), ['situacao']
    ) }}
),

situacoes_kyc as (
    {{ textos_mapeados(
        ref('base_fintech__user_profiles'), 'situacao_kyc', ref('situacao_kyc'), ['situacao']
    ) }}
),

int_usuario__na_extracao as (
    select
        u.id_usuario,
        coalesce(s.situacao, 'NAO MAPEADO') as situacao,
        case
            when p.id_usuario is null then 'NAO INFORMADO'
            else coalesce(k.situacao, 'NAO MAPEADO')
        end as situacao_kyc,
        {{ em_utc('u.extraido_em') }} as extraido_em
    from usuarios as u
    left join perfis as p on u.id_usuario = p.id_usuario
    left join situacoes as s on u.situacao = s.texto
    left join situacoes_kyc as k on p.situacao_kyc = k.texto
)

select * from int_usuario__na_extracao
