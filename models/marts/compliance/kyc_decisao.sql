with

versoes as (
    select * from {{ ref('dim_usuario') }}
    where sk_usuario <> {{ chave_desconhecida() }}
),

usuarios as (
    select * from {{ ref('kyc_usuario') }}
),

em_ordem as (
    select
        id_usuario,
        situacao_kyc,
        kyc_decidido_em,
        row_number() over (partition by id_usuario order by versao desc) as ordem
    from versoes
),

-- A version that tells of the same decision as another, as after a change of the user's own status, is
-- no second one.
decisoes as (
    select
        id_usuario,
        situacao_kyc,
        kyc_decidido_em as decidido_em,
        min(ordem) > 1 as reconstruida
    from em_ordem
    where
        situacao_kyc in ('aprovado', 'recusado')
        and (kyc_decidido_em is not null or ordem = 1)
    group by id_usuario, situacao_kyc, kyc_decidido_em
),

medidas as (
    select
        d.id_usuario,
        d.situacao_kyc,
        d.decidido_em,
        d.reconstruida,
        {{ microssegundos_entre('u.primeiro_documento_em', 'd.decidido_em') }} as processamento
    from decisoes as d
    left join usuarios as u on d.id_usuario = u.id_usuario
),

kyc_decisao as (
    select
        id_usuario,
        situacao_kyc,
        decidido_em,
        reconstruida,
        {{ segundos_nao_negativos('processamento') }} as tempo_processamento
    from medidas
)

select * from kyc_decisao
