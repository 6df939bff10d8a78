with

documentos as (
    select
        *,
        {{ data_local('enviado_em') }} as dia
    from {{ ref('stg_fintech__user_documents') }}
),

versoes as (
    select * from {{ ref('int_usuario__versoes') }}
),

fact_documento as (
    select
        coalesce(v.sk_usuario, {{ chave_desconhecida() }}) as sk_usuario,
        {{ sk_do_dia('d.dia') }} as sk_data,
        d.id_documento,
        d.id_usuario,
        d.tipo_documento,
        d.id_consulta,
        d.enviado_em,
        d.excluido_na_fonte_em,
        d._carga_id
    from documentos as d
    left join versoes as v
        on
            d.id_usuario = v.id_usuario
            and d.enviado_em >= v.valido_de
            and d.enviado_em < v.recebe_ate
)

select * from fact_documento
