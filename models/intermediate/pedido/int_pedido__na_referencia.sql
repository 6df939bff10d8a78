{{ config(materialized='table') }}
{%- set agora = instante_de_referencia() %}
{#- Which statuses show each step; what a version reached follows from its place on the way. #}
{%- set passos = {
    1: "('SUBMETIDO')",
    2: "('EM_ANALISE', 'PENDENTE_DOCUMENTO')",
    3: "('APROVADO', 'RECUSADO')",
    4: "('APROVADO')",
    5: "('CONTRATADO')",
    6: "('DESEMBOLSADO')",
} %}
with

versoes as (
    select
        *,
        row_number() over (partition by id_pedido order by sequencia desc) as do_fim
    from {{ ref('fact_pedido_situacao') }}
    where valido_de < {{ agora }}
),

por_pedido as (
    select
        id_pedido,
        -- A refusal is a decision; an approval is one, too, and the step after it.
        max(
            case
                when situacao = 'RECUSADO' then 3
                when ordinal >= 3 then ordinal + 1
                when ordinal >= 1 then ordinal
                else 0
            end
        ) as passo,
        {%- for passo, situacoes in passos.items() %}
        min(case when situacao in {{ situacoes }} then valido_de end) as passo_{{ passo }}_em,
        {%- endfor %}
        max(case when do_fim = 1 then situacao end) as ultima_situacao,
        max(case when situacao in ('APROVADO', 'RECUSADO') then sequencia end) as ultima_decisao
    from versoes
    group by id_pedido
),

int_pedido__na_referencia as (
    select
        p.id_pedido,
        cast(p.passo as integer) as passo,
        p.ultima_situacao,
        {%- for passo in passos %}
        p.passo_{{ passo }}_em,
        {%- endfor %}
        case d.situacao when 'APROVADO' then 'aprovado' when 'RECUSADO' then 'recusado' end
            as decisao,
        d.valido_de as decidido_em_final
    from por_pedido as p
    left join versoes as d on p.id_pedido = d.id_pedido and p.ultima_decisao = d.sequencia
)

select * from int_pedido__na_referencia
