{#
    SQL that puts rows in the place of those with their keys. Spark has no transaction around two
    statements, and two threads of one session that change rows of a table stop each other (a merge
    too): there all rows of the first key's value are written anew, in one commit that replaces
    whole files. So no file may hold rows of two values: the table is partitioned by that key, or
    keeps full statistics of it.

    `chaves` are the columns that tell rows apart; the first has one value in all of them,
    `comum`. `linhas` are lists of SQL expressions, in the order of `colunas`, which is the table's.
#}
{% macro substituir_linhas(relacao, chaves, comum, colunas, linhas) -%}
    {{ return(adapter.dispatch('substituir_linhas', 'lastro')(relacao, chaves, comum, colunas, linhas)) }}
{%- endmacro %}

{% macro default__substituir_linhas(relacao, chaves, comum, colunas, linhas) -%}
    {%- set valores, outras = [], [] -%}
    {%- for linha in linhas -%}
        {%- do valores.append('(' ~ linha | join(', ') ~ ')') -%}
        {%- do outras.append(linha[1]) -%}
    {%- endfor -%}
    delete from {{ relacao }}
    where {{ chaves[0] }} = {{ comum }}
    {%- if chaves | length > 1 %} and {{ chaves[1] }} in ({{ outras | join(', ') }}){% endif %};
    insert into {{ relacao }} ({{ colunas | join(', ') }})
    values
    {{ valores | join(',\n    ') }}
{%- endmacro %}

{% macro spark__substituir_linhas(relacao, chaves, comum, colunas, linhas) -%}
    {%- set valores, outras = [], [] -%}
    {%- for linha in linhas -%}
        {%- do valores.append('(' ~ linha | join(', ') ~ ')') -%}
        {%- do outras.append(linha[1]) -%}
    {%- endfor -%}
    insert into {{ relacao }} replace where {{ chaves[0] }} = {{ comum }}
    {% if chaves | length > 1 -%}
    select {{ colunas | join(', ') }}
    from {{ relacao }}
    where {{ chaves[0] }} = {{ comum }} and {{ chaves[1] }} not in ({{ outras | join(', ') }})
    union all
    {% endif -%}
    select * from (
        values
        {{ valores | join(',\n        ') }}
    ) as novas ({{ colunas | join(', ') }})
{%- endmacro %}
