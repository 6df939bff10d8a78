with

extracao as (
    {{ extracao_corrente('snap_sicooperative__associado', 'sicooperative', 'associado') }}
),

estados as (
    select * from {{ ref('stg_sicooperative__associado') }}
),

ate_a_extracao as (
    select
        estados.*,
        {{ em_utc('extracao.extraido_em') }} as extraido_em,
        row_number() over (
            partition by estados.id_associado
            order by estados._carga_id desc
        ) as ordem
    from estados
    inner join extracao on estados._carga_id <= extracao._carga_id
),

int_associado__na_extracao as (
    select
        id_associado,
        {{ idade_em_anos('data_nascimento_associado', 'cast(extraido_em as date)') }}
            as idade_associado,
        estado_civil_associado,
        escolaridade_associado,
        extraido_em
    from ate_a_extracao
    where ordem = 1 and _operacao <> 'exclusao'
)

select * from int_associado__na_extracao
