with

contas as (
    select * from {{ ref('stg_sicooperative__conta') }}
),

desconhecida as (
    select
        {{ chave_desconhecida() }} as sk_conta,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as id_conta,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as id_associado,
        cast(null as {{ dbt.type_string() }}) as tipo_conta,
        cast(null as {{ dbt.type_string() }}) as tipo_conta_digitado,
        cast(null as {{ dbt.type_string() }}) as agencia,
        cast(null as {{ dbt.type_string() }}) as situacao_conta,
        cast(null as date) as data_criacao_conta,
        false as excluido_na_origem
),

dim_conta as (
    select
        sk_conta,
        id_conta,
        id_associado,
        tipo_conta,
        tipo_conta_digitado,
        agencia,
        situacao_conta,
        data_criacao_conta,
        excluido_na_origem
    from contas
    union all
    select
        sk_conta,
        id_conta,
        id_associado,
        tipo_conta,
        tipo_conta_digitado,
        agencia,
        situacao_conta,
        data_criacao_conta,
        excluido_na_origem
    from desconhecida
)

select * from dim_conta
