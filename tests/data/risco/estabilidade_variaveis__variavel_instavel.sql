{{ config(severity='warn') }}

with

estabilidade as (
    select * from {{ ref('estabilidade_variaveis') }}
),

estabilidade_variaveis__variavel_instavel as (
    select
        ref_date,
        nome,
        psi
    from estabilidade
    where psi > 0.25 and ref_date = (select max(u.ref_date) from estabilidade as u)
)

select * from estabilidade_variaveis__variavel_instavel
