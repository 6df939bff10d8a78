{{
    config(
        materialized='livro',
        pre_hook=["{{ ordenar_em_cada_grupo() }}"],
        meta={'compara_com_a_anterior': true},
    )
}}

{#- No CTEs for the tables of the book: PostgreSQL would write out copies of them, being read thrice. #}
{%- set livros = {
    'u1m': ref('book_fatura_cliente_u1m'),
    'u3m': ref('book_fatura_cliente_u3m'),
    'u6m': ref('book_fatura_cliente_u6m'),
    'u9m': ref('book_fatura_cliente_u9m'),
    'u12m': ref('book_fatura_cliente_u12m'),
} %}
{%- set atual, anterior = ref_date_do_lote(), ref_date_anterior_do_lote() %}

{{ livro_depende_de() }}
with

variaveis as (
    select nome
    from {{ ref('dicionario_variaveis') }}
    where livro = 'book_fatura_cliente'
),

{%- for janela, livro in livros.items() %}
{%- set nomes = variaveis_do_livro(janela) | map(attribute='nome') | list %}
{#- An average of quotients has other last digits when they are added in another order: equal
    averages would lie on both sides of a cut. #}
{%- set medias = variaveis_do_livro(janela) | selectattr('medida', 'equalto', 'percentual_pago')
    | selectattr('agregacao', 'equalto', 'media') | map(attribute='nome') | list %}

{{ janela }}_clientes as (
    select
        count(*) filter (where ref_date = {{ atual }}) as clientes,
        count(*) filter (where ref_date = {{ anterior }}) as clientes_antes
    from {{ livro }}
    where ref_date in ({{ atual }}, {{ anterior }})
),

{{ janela }}_valores_antes as (
    {{ despivotar(livro, [], nomes, 'ref_date = ' ~ anterior, medias) }}
),

{{ janela }}_em_ordem as (
    select
        nome,
        {{ valores_em_ordem('valor') }} as valores
    from {{ janela }}_valores_antes
    group by nome
    -- One row a variable, which the planners cannot know: without a limit DuckDB keeps the values in
    -- memory, not the deciles, to join them.
    limit {{ nomes | length }}
),

{{ janela }}_decis as (
    select
        nome,
        {%- for decil in range(1, 10) %}
        {{ percentil('valores', decil, 10) }} as d{{ decil }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ janela }}_em_ordem
),

{{ janela }}_valores as (
    {{ despivotar(
        livro, ['ref_date'], nomes, 'ref_date in (' ~ atual ~ ', ' ~ anterior ~ ')', medias
    ) }}
),

-- A value equal to a decile lies below it; where the earlier ref_date has no value at all, the later
-- one's all lie above.
{{ janela }}_faixas as (
    select
        v.nome,
        case
            {%- for decil in range(1, 10) %}
            when v.valor <= d.d{{ decil }} then {{ decil }}
            {%- endfor %}
            else 10
        end as faixa,
        count(*) filter (where v.ref_date = {{ atual }}) as clientes,
        count(*) filter (where v.ref_date = {{ anterior }}) as clientes_antes
    from {{ janela }}_valores as v
    left join {{ janela }}_decis as d on v.nome = d.nome
    group by v.nome, faixa
),

{{ janela }}_preenchidas as (
    select
        f.nome,
        sum(f.clientes) as clientes,
        sum(f.clientes_antes) as clientes_antes,
        sum({{ parcela_da_estabilidade(
            'f.clientes', 'c.clientes', 'f.clientes_antes', 'c.clientes_antes'
        ) }}) as psi
    from {{ janela }}_faixas as f
    cross join {{ janela }}_clientes as c
    group by f.nome
),
{%- endfor %}

-- What is null is a bin of its own.
estabilidade as (
    {%- for janela in livros %}
    select
        p.nome,
        p.psi + {{ parcela_da_estabilidade(
            'c.clientes - p.clientes', 'c.clientes',
            'c.clientes_antes - p.clientes_antes', 'c.clientes_antes',
        ) }} as psi
    from {{ janela }}_preenchidas as p
    cross join {{ janela }}_clientes as c
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- A variable that is null for every customer of both has no row so far: it has not moved.
estabilidade_variaveis as (
    select
        {{ atual }} as ref_date,
        {{ anterior }} as ref_date_anterior,
        v.nome,
        {{ em_double('coalesce(e.psi, 0)') }} as psi,
        cast(c.clientes as bigint) as clientes,
        cast(c.clientes_antes as bigint) as clientes_anteriores
    from variaveis as v
    cross join u12m_clientes as c
    left join estabilidade as e on v.nome = e.nome
    where c.clientes > 0 and c.clientes_antes > 0
)

select * from estabilidade_variaveis
