{#
    The query of the population stability index of one window's variables. The table is read
    with its columns turned into rows: once for the deciles of the earlier ref_date, once to count
    both ref_dates' customers between them. A value equal to a decile lies below it; where the
    earlier ref_date has no value at all, the later one's all lie above.
#}
{% macro estabilidade_da_janela(janela) -%}
    {%- set livro = ref('book_fatura_cliente_' ~ janela) -%}
    {%- set nomes = variaveis_do_livro(janela) | map(attribute='nome') | list -%}
    {#- An average of quotients has other last digits when they are added in another order: equal
        averages would lie on both sides of a cut. -#}
    {%- set medias = variaveis_do_livro(janela) | selectattr('medida', 'equalto', 'percentual_pago')
        | selectattr('agregacao', 'equalto', 'media') | map(attribute='nome') | list -%}
    {%- set atual = ref_date_do_lote() -%}
    {%- set anterior = ref_date_anterior_do_lote() -%}
    select
        p.nome,
        p.psi
        + {{ parcela_da_estabilidade(
            't.clientes - p.preenchidos', 't.clientes', 't.clientes_antes - p.preenchidos_antes',
            't.clientes_antes',
        ) }} as psi
    from (
        select
            f.nome,
            sum(f.clientes) as preenchidos,
            sum(f.clientes_antes) as preenchidos_antes,
            sum(
                {{ parcela_da_estabilidade(
                    'f.clientes', 'q.clientes', 'f.clientes_antes', 'q.clientes_antes'
                ) }}
            ) as psi
        from (
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
            from (
                {{ despivotar(
                    livro, ['ref_date'], nomes, 'ref_date in (' ~ atual ~ ', ' ~ anterior ~ ')',
                    medias
                ) }}
            ) as v
            left join (
                select
                    nome,
                    {%- for decil in range(1, 10) %}
                    {{ percentil('valores', decil, 10) }} as d{{ decil }}{{ ',' if not loop.last }}
                    {%- endfor %}
                from (
                    select
                        nome,
                        {{ valores_em_ordem('valor') }} as valores
                    from ({{ despivotar(livro, [], nomes, 'ref_date = ' ~ anterior, medias) }}) as a
                    group by nome
                    -- One row a variable, which the planners cannot know: without a limit DuckDB
                    -- keeps the values in memory, not the deciles, to join them.
                    limit {{ nomes | length }}
                ) as b
            ) as d
                on v.nome = d.nome
            group by v.nome, faixa
        ) as f
        cross join ({{ clientes_do_par(livro) }}) as q
        group by f.nome
    ) as p
    cross join ({{ clientes_do_par(livro) }}) as t
{%- endmacro %}

{# A query for the customers of both ref_dates: one row. #}
{% macro clientes_do_par(livro) -%}
    select
        count(*) filter (where ref_date = {{ ref_date_do_lote() }}) as clientes,
        count(*) filter (where ref_date = {{ ref_date_anterior_do_lote() }}) as clientes_antes
    from {{ livro }}
    where ref_date in ({{ ref_date_do_lote() }}, {{ ref_date_anterior_do_lote() }})
{%- endmacro %}

{#
    What one bin adds to the index: (a - b) * ln(a / b), with a share of at least 0.0001 each. As a
    decimal, for a sum of doubles has other last digits whenever its terms come in another order.
#}
{% macro parcela_da_estabilidade(parte, todo, parte_antes, todo_antes) -%}
    {%- set depois = 'greatest(' ~ razao(parte, todo) ~ ', 0.0001)' -%}
    {%- set antes = 'greatest(' ~ razao(parte_antes, todo_antes) ~ ', 0.0001)' -%}
    cast(({{ depois }} - {{ antes }}) * ln({{ depois }} / {{ antes }}) as decimal(38, 12))
{%- endmacro %}
