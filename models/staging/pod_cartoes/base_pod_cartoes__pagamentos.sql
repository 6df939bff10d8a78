{{ config(materialized='table') }}

{#- No CTE for the raw table: PostgreSQL would write out a copy of it, being read three times. #}
{%- set brutas = source('pod_cartoes', 'pagamentos') %}

with

entregas as (
    select *
    from {{ ref('base_pod_cartoes__entregas') }}
    where entidade = 'pagamentos'
),

-- As for invoices: only the keys that the current deliveries, or one file, repeat are judged a second
-- time and ordered.
repetidas as (
    select b.*
    from {{ brutas }} as b
    where
        b.id_pagamento in (
            select r.id_pagamento
            from {{ brutas }} as r
            inner join entregas as e on r._carga_id = e._carga_id
            group by r.id_pagamento, case when e.vigente then 0 else r._carga_id end
            having count(*) > 1
        )
),

{% for linhas, relacao in [('repetidas', 'repetidas'), ('todas', brutas)] -%}
{{ linhas }}_lidas as (
    select
        b.id_pagamento,
        b.id_fatura,
        b.id_cliente,
        b.data_pagamento as data_pagamento_bruto,
        {{ tentar_data('b.data_pagamento', 'e.forma_data') }} as data_pagamento,
        b.valor_pagamento as valor_pagamento_bruto,
        {{ tentar_decimal('b.valor_pagamento', 'e.forma_decimal') }} as valor_pagamento,
        e.entrega,
        e.vigente as entrega_vigente,
        e.data_maxima,
        b._carga_id,
        b._linha
    from {{ relacao }} as b
    inner join entregas as e on b._carga_id = e._carga_id
    {{ uma_vez_por_linha() }}
),

{{ linhas }}_julgadas as (
    select
        *,
        {{ motivos_da_linha(
            ids=['id_pagamento', 'id_fatura', 'id_cliente'],
            datas=['data_pagamento'],
            valores=['valor_pagamento'],
            regras={'valor_pagamento zero ou negativo': 'valor_pagamento <= 0'},
        ) }} as motivos
    from {{ linhas }}_lidas
),

{% endfor -%}

-- Good rows of one file that share a key and differ say that the key is none, as a spreadsheet makes
-- of long ids.
comparadas as (
    select
        id_pagamento,
        entrega,
        entrega_vigente,
        _carga_id,
        _linha,
        (
            min(id_fatura) over na_carga < max(id_fatura) over na_carga
            or min(id_cliente) over na_carga < max(id_cliente) over na_carga
            or min(data_pagamento) over na_carga < max(data_pagamento) over na_carga
            or min(valor_pagamento) over na_carga < max(valor_pagamento) over na_carga
        ) as diverge
    from repetidas_julgadas
    where motivos is null
    window na_carga as (partition by _carga_id, id_pagamento)
),

-- A historical load gives way to the file of a month, an older load and an earlier line to a later.
ordenadas as (
    select
        _carga_id,
        _linha,
        diverge,
        entrega_vigente,
        row_number() over (
            partition by id_pagamento, entrega_vigente, diverge
            order by
                case when entrega = 'historico' then 1 else 0 end,
                _carga_id desc,
                _linha desc
        ) as ordem
    from comparadas
),

-- Of rows that differ none is chosen.
preteridas as (
    select
        _carga_id,
        _linha,
        diverge
    from ordenadas
    where diverge or (entrega_vigente and ordem > 1)
),

-- Exactly one class a row, in the order that base_pod_cartoes__faturas explains.
base_pod_cartoes__pagamentos as (
    select
        j.id_pagamento,
        j.id_fatura,
        j.id_cliente,
        j.data_pagamento,
        j.valor_pagamento,
        case
            when p.diverge then 'id_pagamento repetido no arquivo com outros valores'
            else j.motivos
        end as motivos,
        case
            when not j.entrega_vigente then 'substituida'
            when p.diverge or j.motivos is not null then 'quarentena'
            when p._linha is not null then 'duplicada'
            else 'vigente'
        end as situacao,
        j.entrega,
        j._carga_id,
        j._linha
    from todas_julgadas as j
    left join preteridas as p on j._carga_id = p._carga_id and j._linha = p._linha
)

select * from base_pod_cartoes__pagamentos
