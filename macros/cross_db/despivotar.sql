{#
    A query that turns columns into rows: the kept columns, the column's name as `nome` and its value
    in double precision as `valor`, without nulls.
#}
{% macro despivotar(relacao, mantidas, colunas, condicao) -%}
    {{ return(adapter.dispatch('despivotar', 'lastro')(relacao, mantidas, colunas, condicao)) }}
{%- endmacro %}

{% macro default__despivotar(relacao, mantidas, colunas, condicao) -%}
    select
        {%- for coluna in mantidas %}
        {{ coluna }},
        {%- endfor %}
        nome,
        valor
    from (
        select
            {%- for coluna in mantidas %}
            {{ coluna }},
            {%- endfor %}
            {%- for coluna in colunas %}
            cast({{ coluna }} as double) as {{ coluna }}{{ ',' if not loop.last }}
            {%- endfor %}
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
    select
        {%- for coluna in mantidas %}
        largas.{{ coluna }},
        {%- endfor %}
        nomes.nome,
        largas.valores[nomes.posicao] as valor
    from (
        select
            {%- for coluna in mantidas %}
            {{ coluna }},
            {%- endfor %}
            [
                {%- for coluna in colunas %}
                cast({{ coluna }} as double){{ ',' if not loop.last }}
                {%- endfor %}
            ] as valores
        from {{ relacao }}
        where {{ condicao }}
    ) as largas
    cross join (
        values
        {%- for coluna in colunas %}
        ({{ loop.index }}, '{{ coluna }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as nomes (posicao, nome)
    where largas.valores[nomes.posicao] is not null
{%- endmacro %}

{% macro postgres__despivotar(relacao, mantidas, colunas, condicao) -%}
    select
        {%- for coluna in mantidas %}
        largas.{{ coluna }},
        {%- endfor %}
        altas.nome,
        altas.valor
    from {{ relacao }} as largas
    cross join lateral (
        values
        {%- for coluna in colunas %}
        ('{{ coluna }}', cast(largas.{{ coluna }} as double precision)){{ ',' if not loop.last }}
        {%- endfor %}
    ) as altas (nome, valor)
    where {{ condicao }} and altas.valor is not null
{%- endmacro %}
