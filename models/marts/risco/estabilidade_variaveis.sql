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
{%- set grupos = [] %}
{%- set atual, anterior = ref_date_do_lote(), ref_date_anterior_do_lote() %}

{{ livro_depende_de() }}
with

variaveis as (
    select nome
    from {{ ref('dicionario_variaveis') }}
    where livro = 'book_fatura_cliente'
),

{%- for janelas in janelas_por_consulta(livros) %}
{%- set g = janelas[0] if janelas | length == 1 else 'todas' %}
{%- set nomes, medias = {}, {} %}
{%- for janela in janelas %}
{%- set dela = variaveis_do_livro(janela) %}
{%- do nomes.update({janela: dela | map(attribute='nome') | list}) %}
{#- An average of quotients has other last digits when they are added in another order: equal
    averages would lie on both sides of a cut. #}
{%- do medias.update({janela: dela | selectattr('medida', 'equalto', 'percentual_pago')
    | selectattr('agregacao', 'equalto', 'media') | map(attribute='nome') | list}) %}
{%- endfor %}

{{ g }}_clientes as (
    select
        count(*) filter (where ref_date = {{ atual }}) as clientes,
        count(*) filter (where ref_date = {{ anterior }}) as clientes_antes
    from {{ livros[janelas[-1]] }}
    where ref_date in ({{ atual }}, {{ anterior }})
),

{{ g }}_valores_antes as (
    {%- for janela in janelas %}
    {{ despivotar(
        livros[janela], [], nomes[janela], 'ref_date = ' ~ anterior, medias[janela]
    ) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{{ g }}_em_ordem as (
    select
        nome,
        {{ valores_em_ordem('valor') }} as valores
    from {{ g }}_valores_antes
    group by nome
    -- One row a variable, which the planners cannot know: without a limit DuckDB keeps the values in
    -- memory, not the deciles, to join them.
    limit {{ nomes.values() | map('length') | sum }}
),

{{ g }}_decis as (
    select
        nome,
        {%- for decil in range(1, 10) %}
        {{ percentil('valores', decil, 10) }} as d{{ decil }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ g }}_em_ordem
),

{{ g }}_valores as (
    {%- for janela in janelas %}
    {{ despivotar(
        livros[janela], ['ref_date'], nomes[janela],
        'ref_date in (' ~ atual ~ ', ' ~ anterior ~ ')', medias[janela]
    ) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- A value equal to a decile lies below it; where the earlier ref_date has no value at all, the later
-- one's all lie above.
{{ g }}_faixas as (
    select
        v.nome,
        {{ faixa_do_decil('v.valor', 'd.d') }} as faixa,
        count(*) filter (where v.ref_date = {{ atual }}) as clientes,
        count(*) filter (where v.ref_date = {{ anterior }}) as clientes_antes
    from {{ g }}_valores as v
    left join {{ g }}_decis as d on v.nome = d.nome
    group by v.nome, faixa
),

{{ g }}_preenchidas as (
    select
        f.nome,
        sum(f.clientes) as clientes,
        sum(f.clientes_antes) as clientes_antes,
        sum({{ parcela_de_divergencia(
            'f.clientes', 'c.clientes', 'f.clientes_antes', 'c.clientes_antes'
        ) }}) as psi
    from {{ g }}_faixas as f
    cross join {{ g }}_clientes as c
    group by f.nome
),

{{ g }}_estabilidade as (
    -- What is null is a bin of its own.
    select
        p.nome,
        p.psi + {{ parcela_de_divergencia(
            'c.clientes - p.clientes', 'c.clientes',
            'c.clientes_antes - p.clientes_antes', 'c.clientes_antes',
        ) }} as psi
    from {{ g }}_preenchidas as p
    cross join {{ g }}_clientes as c
),
{%- do grupos.append(g) %}
{%- endfor %}

estabilidade as (
    {%- for g in grupos %}
    select * from {{ g }}_estabilidade
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
    cross join {{ grupos[-1] }}_clientes as c
    left join estabilidade as e on v.nome = e.nome
    where c.clientes > 0 and c.clientes_antes > 0
)

select * from estabilidade_variaveis
