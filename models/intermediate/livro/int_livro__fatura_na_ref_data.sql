{{ config(materialized='ephemeral') }}

{#- No CTE for the invoices: PostgreSQL would write out a copy of them, being read twice. #}
{%- set fact_fatura = ref('fact_fatura') %}

with

fact_pagamento as (
    select * from {{ ref('fact_pagamento') }}
    where fatura_encontrada
),

-- Only invoices that somebody paid on or after the ref_date too need their payments added up.
pagas_antes as (
    select
        p.id_fatura,
        sum(p.valor_pagamento) as valor_pago,
        count(*) as quantidade_pagamentos
    from fact_pagamento as p
    inner join {{ fact_fatura }} as f on p.id_fatura = f.id_fatura
    where
        p.data_pagamento < {{ ref_date_do_lote() }}
        and f.data_ultimo_pagamento >= {{ ref_date_do_lote() }}
        and f.data_emissao < {{ ref_date_do_lote() }}
        and f.data_emissao >= {{ somar_meses(ref_date_do_lote(), -12) }}
        and {{ clientes_do_lote('f.id_cliente') }}
    group by p.id_fatura
),

conhecidas as (
    select
        f.id_fatura,
        f.id_cliente,
        f.data_emissao,
        f.data_vencimento,
        f.valor_fatura,
        f.valor_pagamento_minimo,
        case
            when f.data_ultimo_pagamento < {{ ref_date_do_lote() }} then f.valor_pago
            else cast(coalesce(p.valor_pago, 0) as decimal(18, 2))
        end as valor_pago,
        case
            when f.data_ultimo_pagamento < {{ ref_date_do_lote() }} then f.quantidade_pagamentos
            else cast(coalesce(p.quantidade_pagamentos, 0) as integer)
        end as quantidade_pagamentos,
        case
            when f.data_minimo_atingido < {{ ref_date_do_lote() }} then f.data_minimo_atingido
        end as cumprida_em
    from {{ fact_fatura }} as f
    left join pagas_antes as p on f.id_fatura = p.id_fatura
    where
        f.data_emissao < {{ ref_date_do_lote() }}
        and f.data_emissao >= {{ somar_meses(ref_date_do_lote(), -12) }}
        and {{ clientes_do_lote('f.id_cliente') }}
),

int_livro__fatura_na_ref_data as (
    select
        {{ ref_date_do_lote() }} as ref_date,
        id_fatura,
        id_cliente,
        case
            {%- for janela in definicao_do_livro().janelas.values() %}
            when data_emissao >= {{ somar_meses(ref_date_do_lote(), -janela.meses) }}
                then {{ janela.meses }}
            {%- endfor %}
        end as menor_janela,
        case
            when cumprida_em < data_vencimento then 'antecipado'
            when cumprida_em = data_vencimento then 'no_prazo'
            when cumprida_em > data_vencimento then 'atrasado'
            when data_vencimento >= {{ ref_date_do_lote() }} then 'a_vencer'
            when valor_pago = 0 then 'sem_pagamento'
            else 'atrasado'
        end as classe_prazo,
        case
            when valor_pago = 0 then 'sem_pagamento'
            when valor_pago < valor_pagamento_minimo then 'insuficiente'
            when valor_pago > valor_fatura then 'excedente'
            when valor_pago = valor_fatura then 'total'
            when valor_pago = valor_pagamento_minimo then 'minimo'
            else 'parcial'
        end as classe_valor,
        data_vencimento < {{ ref_date_do_lote() }}
        and valor_pago < valor_pagamento_minimo as inadimplente,
        valor_fatura,
        valor_pagamento_minimo,
        valor_pago,
        cast(greatest(valor_fatura - valor_pago, 0) as decimal(18, 2)) as saldo,
        100 * {{ em_double('valor_pago') }} / {{ em_double('nullif(valor_fatura, 0)') }}
            as percentual_pago,
        quantidade_pagamentos,
        case
            when cumprida_em is not null
                then greatest({{ dias_entre('data_vencimento', 'cumprida_em') }}, 0)
            when valor_pagamento_minimo = 0 then 0
            else greatest({{ dias_entre('data_vencimento', ref_date_do_lote()) }}, 0)
        end as dias_atraso,
        data_emissao,
        data_vencimento,
        cumprida_em
    from conhecidas
)

select * from int_livro__fatura_na_ref_data
