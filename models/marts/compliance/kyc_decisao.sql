with

decisoes as (
    select * from {{ ref('int_kyc__decisoes') }}
),

usuarios as (
    select * from {{ ref('kyc_usuario') }}
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
