with

numeradas as (
    select
        id_associado,
        versao,
        valido_de,
        row_number() over (partition by id_associado order by valido_de) as versao_esperada
    from {{ ref('dim_associado') }}
),

dim_associado__versao_conta_de_um_em_um as (
    select
        id_associado,
        versao,
        versao_esperada,
        valido_de
    from numeradas
    where versao <> versao_esperada
)

select * from dim_associado__versao_conta_de_um_em_um
