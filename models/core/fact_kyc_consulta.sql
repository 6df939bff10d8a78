with

consultas as (
    select
        *,
        {{ data_local('consultado_em') }} as dia
    from {{ ref('stg_fintech__kyc_results') }}
),

versoes as (
    select * from {{ ref('int_usuario__versoes') }}
),

fact_kyc_consulta as (
    select
        coalesce(v.sk_usuario, {{ chave_desconhecida() }}) as sk_usuario,
        {{ sk_do_dia('c.dia') }} as sk_data,
        c.id_consulta,
        c.id_usuario,
        c.provedor,
        c.situacao,
        c.consultado_em,
        c.excluido_na_fonte_em,
        c._carga_id
    from consultas as c
    left join versoes as v
        on
            c.id_usuario = v.id_usuario
            and c.consultado_em >= v.valido_de
            and c.consultado_em < v.recebe_ate
)

select * from fact_kyc_consulta
