{{ config(severity='warn') }}

with

dim_associado__nascimento_sem_idade as (
    select
        id_associado,
        versao
    from {{ ref('dim_associado') }}
    where
        registro_ativo
        and data_nascimento_associado is not null
        and idade_associado is null
)

select * from dim_associado__nascimento_sem_idade
