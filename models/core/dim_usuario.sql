{%- set colunas = [
    'sk_usuario', 'id_usuario', 'nome', 'email_mascara', 'email_token', 'telefone_mascara',
    'telefone_token', 'data_nascimento', 'tipo_documento', 'documento_token', 'situacao',
    'situacao_kyc', 'kyc_decidido_em', 'criado_em', 'valido_de', 'valido_ate', 'registro_ativo',
    'versao', '_carga_id',
] -%}
with

versoes as (
    select * from {{ ref('int_usuario__versoes') }}
),

desconhecido as (
    select
        {{ chave_desconhecida() }} as sk_usuario,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as id_usuario,
        cast(null as {{ dbt.type_string() }}) as nome,
        cast(null as {{ dbt.type_string() }}) as email_mascara,
        cast(null as {{ dbt.type_string() }}) as email_token,
        cast(null as {{ dbt.type_string() }}) as telefone_mascara,
        cast(null as {{ dbt.type_string() }}) as telefone_token,
        cast(null as date) as data_nascimento,
        cast(null as {{ dbt.type_string() }}) as tipo_documento,
        cast(null as {{ dbt.type_string() }}) as documento_token,
        cast('NAO INFORMADO' as {{ dbt.type_string() }}) as situacao,
        cast('NAO INFORMADO' as {{ dbt.type_string() }}) as situacao_kyc,
        cast(null as timestamp) as kyc_decidido_em,
        cast(null as timestamp) as criado_em,
        cast('1900-01-01' as timestamp) as valido_de,
        cast('9999-12-31' as timestamp) as valido_ate,
        true as registro_ativo,
        1 as versao,
        cast(null as bigint) as _carga_id
),

dim_usuario as (
    select {{ colunas | join(', ') }} from versoes
    union all
    select {{ colunas | join(', ') }} from desconhecido
)

select * from dim_usuario
