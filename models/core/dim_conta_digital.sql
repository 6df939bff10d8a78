with

contas as (
    select * from {{ ref('stg_fintech__accounts') }}
),

titulares as (
    select
        id_usuario,
        sk_usuario
    from {{ ref('int_usuario__versoes') }}
    where ultima_versao
),

desconhecida as (
    select
        {{ chave_desconhecida() }} as sk_conta_digital,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as id_conta,
        {{ chave_desconhecida() }} as sk_usuario,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as id_usuario,
        cast(null as {{ dbt.type_string() }}) as moeda,
        cast(null as timestamp) as criada_em,
        false as excluido_na_origem,
        cast(null as bigint) as _carga_id
),

dim_conta_digital as (
    select
        {{ chave_substituta(['c.id_conta']) }} as sk_conta_digital,
        c.id_conta,
        coalesce(t.sk_usuario, {{ chave_desconhecida() }}) as sk_usuario,
        c.id_usuario,
        c.moeda,
        c.criada_em,
        c.excluido_na_fonte_em is not null as excluido_na_origem,
        c._carga_id
    from contas as c
    left join titulares as t on c.id_usuario = t.id_usuario
    union all
    select
        sk_conta_digital,
        id_conta,
        sk_usuario,
        id_usuario,
        moeda,
        criada_em,
        excluido_na_origem,
        _carga_id
    from desconhecida
)

select * from dim_conta_digital
