{#
    SQL that puts rows in the place of those with their keys. Spark has no transaction around two
    statements, so there it is one; it touches only files that hold such keys, so that two writers
    of other keys do not meet.

    `chaves` are the columns that tell rows apart; the first has one value in all of them,
    `comum`. `linhas` are lists of SQL expressions, in the order of `colunas`.
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
    {%- set valores, iguais, mudancas, novas = [], [], [], [] -%}
    {%- for linha in linhas -%}
        {%- do valores.append('(' ~ linha | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- for coluna in colunas -%}
        {%- do novas.append('n.' ~ coluna) -%}
        {%- do (iguais if coluna in chaves else mudancas).append('t.' ~ coluna ~ ' = n.' ~ coluna) -%}
    {%- endfor -%}
    merge into {{ relacao }} as t
    using (
        select * from (
            values
            {{ valores | join(',\n            ') }}
        ) as v ({{ colunas | join(', ') }})
    ) as n
    on t.{{ chaves[0] }} = {{ comum }} and {{ iguais | join(' and ') }}
    when matched then update set {{ mudancas | join(', ') }}
    when not matched then insert ({{ colunas | join(', ') }}) values ({{ novas | join(', ') }})
{%- endmacro %}
