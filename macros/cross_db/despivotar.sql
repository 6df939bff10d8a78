{#
    A query that turns columns into rows: the kept columns, the column's name as `nome` and its value
    in double precision as `valor`, without nulls.
#}
{% macro despivotar(relacao, mantidas, colunas, condicao) -%}
    {{ return(adapter.dispatch('despivotar', 'lastro')(relacao, mantidas, colunas, condicao)) }}
{%- endmacro %}

{% macro default__despivotar(relacao, mantidas, colunas, condicao) -%}
    {%- set valores = [] -%}
    {%- for coluna in colunas -%}
        {%- do valores.append('cast(' ~ coluna ~ ' as double) as ' ~ coluna) -%}
    {%- endfor -%}
    select {{ (mantidas + ['nome', 'valor']) | join(', ') }}
    from (
        select {{ (mantidas + valores) | join(', ') }}
        from {{ relacao }}
        where {{ condicao }}
    ) as largas
    unpivot (valor for nome in ({{ colunas | join(', ') }}))
{%- endmacro %}

{#
    A list for each row and a join to the names: DuckDB takes `unpivot` for as many rows as the
    table has and then makes a hash table of the values, not of what they are joined to.
#}
{% macro duckdb__despivotar(relacao, mantidas, colunas, condicao) -%}
    {%- set valores, nomes = [], [] -%}
    {%- for coluna in colunas -%}
        {%- do valores.append('cast(' ~ coluna ~ ' as double)') -%}
        {%- do nomes.append('(' ~ loop.index ~ ", '" ~ coluna ~ "')") -%}
    {%- endfor -%}
    select {{ (mantidas + ['nome', 'valores[posicao] as valor']) | join(', ') }}
    from (
        select {{ (mantidas + ['[' ~ valores | join(', ') ~ '] as valores']) | join(', ') }}
        from {{ relacao }}
        where {{ condicao }}
    ) as largas
    cross join (values {{ nomes | join(', ') }}) as nomes (posicao, nome)
    where valores[posicao] is not null
{%- endmacro %}

{% macro postgres__despivotar(relacao, mantidas, colunas, condicao) -%}
    {%- set pares = [] -%}
    {%- for coluna in colunas -%}
        {%- do pares.append("('" ~ coluna ~ "', cast(" ~ coluna ~ ' as double precision))') -%}
    {%- endfor -%}
    select {{ (mantidas + ['altas.nome', 'altas.valor']) | join(', ') }}
    from {{ relacao }} as largas
    cross join lateral (values {{ pares | join(', ') }}) as altas (nome, valor)
    where {{ condicao }} and altas.valor is not null
{%- endmacro %}
