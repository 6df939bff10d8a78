{{ config(materialized='table') }}

{#- What may stand in an entry's id_externo, first that fits: names of the source. -#}
{%- set colunas = {'id': 'id_pagamento', 'orchestrator_workflow_id': 'id_workflow'} -%}
with

pagamentos as (
    select * from {{ ref('stg_fintech__payments') }}
),

lancamentos as (
    select * from {{ ref('fact_transacao') }}
),

chaves as (
    {%- for chave in var('chaves_lancamento') %}
    select
        {{ colunas[chave] }} as chave,
        {{ loop.index }} as ordem,
        id_pagamento,
        criado_em,
        excluido_na_fonte_em is not null as excluido
    from pagamentos
    where {{ colunas[chave] }} is not null
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

-- Of several payments with one key the entry is the first one's, of those that the source has.
donos as (
    select
        chave,
        id_pagamento,
        row_number() over (
            partition by chave
            order by ordem, excluido, criado_em, {{ em_bytes('id_pagamento') }}
        ) as posicao
    from chaves
),

int_pagamento_conta__lancamentos as (
    select
        l.id_transacao,
        d.id_pagamento
    from lancamentos as l
    inner join donos as d on l.id_externo = d.chave and d.posicao = 1
)

select * from int_pagamento_conta__lancamentos
