with

cartoes as (
    select * from {{ ref('stg_sicooperative__cartao') }}
),

desconhecido as (
    select
        {{ chave_desconhecida() }} as sk_cartao,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as id_cartao,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as id_conta,
        cast(null as {{ dbt.type_string() }}) as numero_cartao,
        cast(null as {{ dbt.type_string() }}) as numero_cartao_token,
        cast(null as {{ dbt.type_string() }}) as nome_impresso_cartao,
        cast(null as {{ dbt.type_string() }}) as bandeira_cartao,
        cast(null as {{ dbt.type_string() }}) as tipo_cartao,
        cast(null as date) as data_emissao_cartao,
        false as excluido_na_origem
),

dim_cartao as (
    select
        sk_cartao,
        id_cartao,
        id_conta,
        numero_cartao,
        numero_cartao_token,
        nome_impresso_cartao,
        bandeira_cartao,
        tipo_cartao,
        data_emissao_cartao,
        excluido_na_origem
    from cartoes
    union all
    select
        sk_cartao,
        id_cartao,
        id_conta,
        numero_cartao,
        numero_cartao_token,
        nome_impresso_cartao,
        bandeira_cartao,
        tipo_cartao,
        data_emissao_cartao,
        excluido_na_origem
    from desconhecido
)

select * from dim_cartao
