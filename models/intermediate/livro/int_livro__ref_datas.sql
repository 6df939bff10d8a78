{{ config(materialized='table') }}

with

dias as (
    select * from {{ ref('int_livro__impressao_do_dia') }}
),

calculados as (
    select * from {{ ref('int_livro__calculados') }}
),

entregas as (
    select * from {{ ref('base_pod_cartoes__entregas') }}
),

-- What was computed before stays true: a late file may change any of it.
ref_datas as (
    {%- for data in ref_datas_pedidas() %}
    select cast('{{ data }}' as date) as ref_date
    union
    {%- endfor %}
    select ref_date
    from calculados
),

-- Of a warehouse to which no invoice ever came a portfolio book would say that it has none.
entregas_de_faturas as (
    select count(*) as quantidade
    from entregas
    where entidade = 'faturas'
),

int_livro__ref_datas as (
    select
        r.ref_date,
        (select e.quantidade from entregas_de_faturas as e) > 0 as ha_faturas,
        cast(
            coalesce(sum(d.linhas) filter (where d.data_pagamento is null), 0) as bigint
        ) as faturas,
        cast(
            coalesce(sum(d.linhas) filter (where d.data_pagamento is not null), 0) as bigint
        ) as pagamentos,
        cast(coalesce(sum(d.impressao), 0) as decimal(38, 0)) as impressao
    from ref_datas as r
    left join dias as d
        on
            r.ref_date > d.data_emissao
            and {{ somar_meses('r.ref_date', -12) }} <= d.data_emissao
            and (d.data_pagamento is null or r.ref_date > d.data_pagamento)
    group by r.ref_date
)

select * from int_livro__ref_datas
