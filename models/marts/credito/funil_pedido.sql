{%- set agora = instante_de_referencia() %}
{%- set passos = [
    'submetido', 'em_analise', 'decidido', 'aprovado', 'contratado', 'desembolsado',
] %}
{%- set saidas = ['recusado', 'cancelado', 'expirado', 'excluido', 'em_aberto'] %}
{#- When an application was at the nearest step before each that anybody saw. #}
{%- set antes = {} %}
{%- for k in range(2, 7) %}
{%- set vistos = [] %}
{%- for j in range(k - 1, 0, -1) %}{% do vistos.append('a.passo_' ~ j ~ '_em') %}{% endfor %}
{%- do antes.update({k: 'coalesce(' ~ (vistos + ['null']) | join(', ') ~ ')'}) %}
{%- endfor %}
{%- set celula = ['data_coorte', 'produto', 'canal', 'campanha'] | join(', ') %}
with

andamento as (
    select * from {{ ref('int_pedido__na_referencia') }}
    where passo > 0
),

pedidos as (
    select * from {{ ref('fact_pedido_credito') }}
),

na_coorte as (
    select
        {{ data_local('p.submetido_em') }} as data_coorte,
        coalesce(p.produto, 'NAO INFORMADO') as produto,
        coalesce(p.canal, 'NAO INFORMADO') as canal,
        coalesce(p.campanha, 'NAO INFORMADO') as campanha,
        p.valor_solicitado,
        p.valor_aprovado,
        case
            when a.passo = 6 then 'desembolsado'
            when a.ultima_situacao = 'RECUSADO' then 'recusado'
            when a.ultima_situacao = 'CANCELADO' then 'cancelado'
            when a.ultima_situacao = 'EXPIRADO' then 'expirado'
            when p.excluido_na_fonte_em < {{ agora }} then 'excluido'
            else 'em_aberto'
        end as classe,
        {%- for k in range(2, 7) %}
        {{ microssegundos_entre(antes[k], 'a.passo_' ~ k ~ '_em') }} as tempo_{{ k }},
        {%- endfor %}
        a.passo
    from andamento as a
    inner join pedidos as p on a.id_pedido = p.id_pedido
),

contados as (
    select
        {{ celula }},
        {%- for passo in passos %}
        count(*) filter (where passo >= {{ loop.index }}) as qtd_{{ passo }},
        {%- endfor %}
        {%- for passo in passos %}
        cast(coalesce(
            sum({{ 'valor_solicitado' if loop.index <= 3 else 'valor_aprovado' }})
            filter (where passo >= {{ loop.index }}),
            0
        ) as decimal(18, 2)) as valor_{{ passo }},
        {%- endfor %}
        {%- for saida in saidas %}
        count(*) filter (where classe = '{{ saida }}') as qtd_{{ saida }},
        {%- endfor %}
        {%- for k in range(2, 7) %}
        {{ percentis_de_inteiros('tempo_' ~ k, [50, 90], 'tempo_' ~ k ~ ' >= 0') }}
            as percentis_{{ k }},
        sum(tempo_{{ k }}) filter (where tempo_{{ k }} >= 0) as soma_{{ k }},
        count(*) filter (where tempo_{{ k }} >= 0) as medidos_{{ k }},
        {%- endfor %}
        {%- for k in range(2, 7) %}
        {{ '+ ' if not loop.first }}count(*) filter (where tempo_{{ k }} < 0)
        {%- endfor %} as qtd_tempo_invalido
    from na_coorte
    group by {{ celula }}
),

funil_pedido as (
    select
        {{ celula }},
        {%- for passo in passos %}
        qtd_{{ passo }},
        {%- endfor %}
        {%- for passo in passos %}
        valor_{{ passo }},
        {%- endfor %}
        {%- for k in range(2, 7) %}
        100 * {{ razao('qtd_' ~ passos[k - 1], 'qtd_' ~ passos[k - 2]) }} as conversao_{{ k }},
        {%- endfor %}
        {%- for k in range(2, 7) %}
        100 * {{ razao('qtd_' ~ passos[k - 1], 'qtd_submetido') }} as conversao_total_{{ k }},
        {%- endfor %}
        {%- for saida in saidas %}
        qtd_{{ saida }},
        {%- endfor %}
        {%- for k in range(2, 7) %}
        {{ percentil_de_inteiros('percentis_' ~ k, 1) }} / 3600000000 as horas_{{ k }}_p50,
        {{ percentil_de_inteiros('percentis_' ~ k, 2) }} / 3600000000 as horas_{{ k }}_p90,
        {{ razao('soma_' ~ k, 'medidos_' ~ k) }} / 3600000000 as horas_{{ k }}_media,
        {%- endfor %}
        qtd_tempo_invalido,
        {{ somar_dias('data_coorte', dias_maturacao_funil()) }}
        <= cast('{{ dia_de_referencia() }}' as date) as coorte_madura
    from contados
)

select * from funil_pedido
