{#
    A query that turns columns into rows: the kept columns, the column's name as `nome`, or what number it
    has as `numero`, and its value in double precision as `valor`, without nulls; of some rounded to nine
    decimals. Numbers are shorter than names where many rows are sorted by them.
#}
{% macro despivotar(relacao, mantidas, colunas, condicao, arredondadas=[], numeros=none) -%}
    {%- set rotulos = [] -%}
    {%- for coluna in colunas -%}
        {%- do rotulos.append(numeros[loop.index0] if numeros else "'" ~ coluna ~ "'") -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('despivotar', 'lastro')(
        relacao, mantidas, colunas, condicao, arredondadas, rotulos, 'numero' if numeros else 'nome'
    )) }}
{%- endmacro %}

{#
    A list for each row and a join to the names: DuckDB takes `unpivot` for as many rows as the
    table has and then makes a hash table of the values, not of what they are joined to.
#}
{% macro duckdb__despivotar(relacao, mantidas, colunas, condicao, arredondadas, rotulos, rotulo) -%}
    {%- set valores, nomes = [], [] -%}
    {%- for coluna in colunas -%}
        {%- do valores.append(em_casas(coluna, coluna in arredondadas)) -%}
        {%- do nomes.append('(' ~ loop.index ~ ', ' ~ rotulos[loop.index0] ~ ')') -%}
    {%- endfor -%}
    select {{ (mantidas + [rotulo, 'valores[posicao] as valor']) | join(', ') }}
    from (
        select {{ (mantidas + ['[' ~ valores | join(', ') ~ '] as valores']) | join(', ') }}
        from {{ relacao }}
        where {{ condicao }}
    ) as largas
    cross join (values {{ nomes | join(', ') }}) as nomes (posicao, {{ rotulo }})
    where valores[posicao] is not null
{%- endmacro %}

{% macro postgres__despivotar(relacao, mantidas, colunas, condicao, arredondadas, rotulos, rotulo) -%}
    {%- set pares = [] -%}
    {%- for coluna in colunas -%}
        {%- do pares.append(
            '(' ~ rotulos[loop.index0] ~ ', ' ~ em_casas(coluna, coluna in arredondadas) ~ ')'
        ) -%}
    {%- endfor -%}
    select {{ (mantidas + ['altas.' ~ rotulo, 'altas.valor']) | join(', ') }}
    from {{ relacao }} as largas
    cross join lateral (values {{ pares | join(', ') }}) as altas ({{ rotulo }}, valor)
    where {{ condicao }} and altas.valor is not null
{%- endmacro %}

{# Spark's `unpivot` makes a projection of each column, and takes ten times as long to plan. #}
{% macro spark__despivotar(relacao, mantidas, colunas, condicao, arredondadas, rotulos, rotulo) -%}
    {%- set valores = [] -%}
    {%- for coluna in colunas -%}
        {%- do valores.append(em_casas(coluna, coluna in arredondadas)) -%}
    {%- endfor -%}
    select {{ (mantidas + ['array(' ~ rotulos | join(', ') ~ ')[posicao] as ' ~ rotulo, 'valor']) | join(', ') }}
    from (
        select {{ (mantidas + ['array(' ~ valores | join(', ') ~ ') as valores']) | join(', ') }}
        from {{ relacao }}
        where {{ condicao }}
    ) as largas
    lateral view posexplode(valores) as posicao, valor
    where valor is not null
{%- endmacro %}

{# A number in double precision, rounded to nine decimals if asked: the nearest double of that decimal. #}
{% macro em_casas(numero, arredondar) -%}
    {{ return(adapter.dispatch('em_casas', 'lastro')(numero, arredondar)) }}
{%- endmacro %}

{% macro default__em_casas(numero, arredondar) -%}
    {%- set valor = em_double(numero) -%}
    {{ return('round(' ~ valor ~ ', 9)' if arredondar else valor) }}
{%- endmacro %}

{# PostgreSQL rounds no doubles to decimals. #}
{% macro postgres__em_casas(numero, arredondar) -%}
    {%- set valor = em_double(numero) -%}
    {{ return(em_double('round(cast(' ~ valor ~ ' as numeric), 9)') if arredondar else valor) }}
{%- endmacro %}
