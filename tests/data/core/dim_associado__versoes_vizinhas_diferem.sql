with

versoes as (
    select
        id_associado,
        versao,
        valido_de,
        idade_associado,
        estado_civil_associado,
        escolaridade_associado,
        lag(versao) over (partition by id_associado order by valido_de) as versao_anterior,
        lag(valido_ate) over (partition by id_associado order by valido_de) as fim_da_anterior,
        lag(idade_associado) over (partition by id_associado order by valido_de)
            as idade_anterior,
        lag(estado_civil_associado) over (partition by id_associado order by valido_de)
            as estado_civil_anterior,
        lag(escolaridade_associado) over (partition by id_associado order by valido_de)
            as escolaridade_anterior
    from {{ ref('dim_associado') }}
),

-- A return opens a version whether or not anything changed meanwhile: only neighbours count.
dim_associado__versoes_vizinhas_diferem as (
    select
        id_associado,
        versao_anterior,
        versao,
        valido_de,
        idade_associado,
        estado_civil_associado,
        escolaridade_associado
    from versoes
    where
        versao_anterior is not null
        and fim_da_anterior = valido_de
        and idade_anterior is not distinct from idade_associado
        and estado_civil_anterior is not distinct from estado_civil_associado
        and escolaridade_anterior is not distinct from escolaridade_associado
)

select * from dim_associado__versoes_vizinhas_diferem
