{{
    config(
        materialized='table',
        pre_hook=["{{ sem_lacos_aninhados() }}", "{{ memoria_de_trabalho(64) }}"],
    )
}}

{%- set janelas = [6, 9, 12, 18] %}
with

-- Of applications that name one contract the first counts.
pedidos as (
    select
        *,
        row_number() over (
            partition by id_contrato
            order by desembolsado_em nulls last, {{ em_bytes('id_pedido') }}
        ) as vez
    from {{ ref('fact_pedido_credito') }}
    where situacao_score = 'vigente' and id_contrato is not null
),

modelos as (
    select * from {{ ref('modelo_score') }}
),

desempenho as (
    select * from {{ ref('int_fintech__desempenho') }}
),

por_contrato as (
    select
        id_contrato,
        safra,
        {%- for janela in janelas %}
        {%- for dias in [30, 60, 90] %}
        max(
            case
                when
                    mob <= {{ janela }}
                    and (dias_atraso_maximo > {{ dias }} or situacao = 'baixado')
                    then 1
                else 0
            end
        ) as ever{{ dias }}_{{ janela }},
        {%- endfor %}
        {%- endfor %}
        count(*) as meses
    from desempenho
    group by id_contrato, safra
),

-- The month of the window has ended when the next one has begun.
nas_janelas as (
    {%- for janela in janelas %}
    select
        id_contrato,
        safra,
        {{ janela }} as janela_mob,
        ever30_{{ janela }} = 1 as ever30,
        ever60_{{ janela }} = 1 as ever60,
        ever90_{{ janela }} = 1 as ever90
    from por_contrato
    where {{ somar_meses('safra', janela + 1) }} <= cast('{{ dia_de_referencia() }}' as date)
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

int_score__desempenho as (
    select
        p.id_pedido,
        p.id_contrato,
        p.modelo_decisao as modelo,
        p.versao_modelo_decisao as versao_modelo,
        p.faixa_score,
        m.sentido,
        p.score_decisao as score,
        -- PostgreSQL forgets the scale of a case.
        cast(
            case m.sentido when 'maior_melhor' then -p.score_decisao else p.score_decisao end
            as decimal(18, 6)
        ) as risco,
        j.safra,
        j.janela_mob,
        j.ever30,
        j.ever60,
        j.ever90
    from pedidos as p
    inner join nas_janelas as j on p.id_contrato = j.id_contrato
    inner join modelos as m on p.modelo_decisao = m.modelo
    where p.vez = 1
)

select * from int_score__desempenho
