{{ config(materialized='table') }}

{#- The quotes are doubled here: a macro call for each of nine thousand texts takes seconds. -#}
{%- set variaveis = variaveis_da_carteira() + variaveis_do_livro() %}
{%- set colunas = [
    'nome', 'livro', 'janela', 'recorte', 'medida', 'agregacao', 'unidade', 'descricao',
    'descricao_ingles',
] %}

with dicionario_variaveis as (
    select *
    from (
        values
        {%- for v in variaveis %}
        (
            {%- for coluna in colunas %}
            '{{ v[coluna] | replace("'", "''") }}'{{ ',' if not loop.last }}
            {%- endfor %}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as v ({{ colunas | join(', ') }})
)

select
    {%- for coluna in colunas %}
    cast({{ coluna }} as {{ dbt.type_string() }}) as {{ coluna }}{{ ',' if not loop.last }}
    {%- endfor %}
from dicionario_variaveis
