{{ config(materialized='table') }}

{#- No CTE for the raw table: PostgreSQL would write out a copy of it, being read three times. #}
{%- set brutas = source('pod_cartoes', 'faturas') %}

with

entregas as (
    select *
    from {{ ref('base_pod_cartoes__entregas') }}
    where entidade = 'faturas'
),

-- Nearly every key stands in one row. Only the keys that the current deliveries, or one file, repeat
-- are judged a second time and ordered; the table as a whole is never sorted, nor kept between two
-- steps.
repetidas as (
    select b.*
    from {{ brutas }} as b
    where
        b.id_fatura in (
            select r.id_fatura
            from {{ brutas }} as r
            inner join entregas as e on r._carga_id = e._carga_id
            group by r.id_fatura, case when e.vigente then 0 else r._carga_id end
            having count(*) > 1
        )
),

{% for linhas, relacao in [('repetidas', 'repetidas'), ('todas', brutas)] -%}
{{ linhas }}_lidas as (
    select
        b.id_fatura,
        b.id_cliente,
        b.data_emissao as data_emissao_bruto,
        {{ tentar_data('b.data_emissao', 'e.forma_data') }} as data_emissao,
        b.data_vencimento as data_vencimento_bruto,
        {{ tentar_data('b.data_vencimento', 'e.forma_data') }} as data_vencimento,
        b.valor_fatura as valor_fatura_bruto,
        {{ tentar_decimal('b.valor_fatura', 'e.forma_decimal') }} as valor_fatura,
        b.valor_pagamento_minimo as valor_pagamento_minimo_bruto,
        {{ tentar_decimal('b.valor_pagamento_minimo', 'e.forma_decimal') }}
            as valor_pagamento_minimo,
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
            ids=['id_fatura', 'id_cliente'],
            datas=['data_emissao', 'data_vencimento'],
            valores=['valor_fatura', 'valor_pagamento_minimo'],
            regras={
                'data_vencimento antes de data_emissao': 'data_vencimento < data_emissao',
                'valor_fatura negativo': 'valor_fatura < 0',
                'valor_pagamento_minimo negativo': 'valor_pagamento_minimo < 0',
                'valor_pagamento_minimo maior que valor_fatura':
                    'valor_pagamento_minimo > valor_fatura',
            },
        ) }} as motivos
    from {{ linhas }}_lidas
),

{% endfor -%}

-- Good rows of one file that share a key and differ say that the key is none, as a spreadsheet makes
-- of long ids.
comparadas as (
    select
        id_fatura,
        entrega,
        entrega_vigente,
        _carga_id,
        _linha,
        (
            min(id_cliente) over na_carga < max(id_cliente) over na_carga
            or min(data_emissao) over na_carga < max(data_emissao) over na_carga
            or min(data_vencimento) over na_carga < max(data_vencimento) over na_carga
            or min(valor_fatura) over na_carga < max(valor_fatura) over na_carga
            or min(valor_pagamento_minimo) over na_carga
            < max(valor_pagamento_minimo) over na_carga
        ) as diverge
    from repetidas_julgadas
    where motivos is null
    window na_carga as (partition by _carga_id, id_fatura)
),

-- A historical load gives way to the file of a month, an older load and an earlier line to a later.
ordenadas as (
    select
        _carga_id,
        _linha,
        diverge,
        entrega_vigente,
        row_number() over (
            partition by id_fatura, entrega_vigente, diverge
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

-- Exactly one class a row: of a delivery that is no longer current it is `substituida`, whatever it
-- holds; then come `quarentena`, and of the good rows of a key all but one are `duplicada`.
base_pod_cartoes__faturas as (
    select
        j.id_fatura,
        j.id_cliente,
        j.data_emissao,
        j.data_vencimento,
        j.valor_fatura,
        j.valor_pagamento_minimo,
        case
            when p.diverge then 'id_fatura repetido no arquivo com outros valores'
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

select * from base_pod_cartoes__faturas
