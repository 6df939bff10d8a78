with

versoes as (
    select * from {{ ref('int_associado__versoes') }}
),

faixas as (
    select * from {{ ref('faixas_etarias') }}
),

conhecidos as (
    select
        versoes.*,
        faixas.faixa_etaria
    from versoes
    left join faixas
        on versoes.idade_associado between faixas.idade_de and faixas.idade_ate
),

desconhecido as (
    select
        {{ chave_desconhecida() }} as sk_associado,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as id_associado,
        cast('DESCONHECIDO' as {{ dbt.type_string() }}) as nome_associado,
        cast(null as {{ dbt.type_string() }}) as sobrenome_associado,
        cast(null as date) as data_nascimento_associado,
        cast(null as integer) as idade_associado,
        cast('NAO INFORMADO' as {{ dbt.type_string() }}) as faixa_etaria,
        cast('NAO INFORMADO' as {{ dbt.type_string() }}) as estado_civil_associado,
        cast('NAO INFORMADO' as {{ dbt.type_string() }}) as escolaridade_associado,
        cast('1900-01-01' as timestamp) as valido_de,
        cast('9999-12-31' as timestamp) as valido_ate,
        true as registro_ativo,
        1 as versao
),

dim_associado as (
    select
        sk_associado,
        id_associado,
        nome_associado,
        sobrenome_associado,
        data_nascimento_associado,
        idade_associado,
        coalesce(faixa_etaria, 'NAO INFORMADO') as faixa_etaria,
        estado_civil_associado,
        escolaridade_associado,
        valido_de,
        valido_ate,
        registro_ativo,
        versao
    from conhecidos
    union all
    select
        sk_associado,
        id_associado,
        nome_associado,
        sobrenome_associado,
        data_nascimento_associado,
        idade_associado,
        faixa_etaria,
        estado_civil_associado,
        escolaridade_associado,
        valido_de,
        valido_ate,
        registro_ativo,
        versao
    from desconhecido
)

select * from dim_associado
