{{ config(materialized='table') }}

{#- No CTE for the invoices: PostgreSQL would write out a copy of them, being read twice. #}
{%- set fact_fatura = ref('fact_fatura') %}

with

fact_pagamento as (
    select * from {{ ref('fact_pagamento') }}
    where fatura_encontrada
),

pagamentos as (
    select
        f.data_emissao,
        p.data_pagamento,
        count(*) as linhas,
        sum({{ hash_de_linha(['p.id_fatura', 'p.data_pagamento', 'p.valor_pagamento']) }})
            as impressao
    from fact_pagamento as p
    inner join {{ fact_fatura }} as f on p.id_fatura = f.id_fatura
    group by f.data_emissao, p.data_pagamento
),

faturas as (
    select
        data_emissao,
        cast(null as date) as data_pagamento,
        count(*) as linhas,
        sum({{ hash_de_linha([
            'id_fatura', 'id_cliente', 'data_emissao', 'data_vencimento', 'valor_fatura',
            'valor_pagamento_minimo',
        ]) }}) as impressao
    from {{ fact_fatura }}
    group by data_emissao
),

int_livro__impressao_do_dia as (
    select
        data_emissao,
        data_pagamento,
        cast(linhas as bigint) as linhas,
        cast(impressao as decimal(38, 0)) as impressao
    from faturas
    union all
    select
        data_emissao,
        data_pagamento,
        cast(linhas as bigint) as linhas,
        cast(impressao as decimal(38, 0)) as impressao
    from pagamentos
)

select * from int_livro__impressao_do_dia
