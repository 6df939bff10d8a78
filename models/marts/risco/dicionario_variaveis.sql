{#- Quotes are escaped here: a macro call for each of nine thousand texts takes seconds. #}
{%- set aspa = dbt.escape_single_quotes("'") %}
{%- set lista = variaveis_da_carteira() + variaveis_do_livro() %}
{%- set colunas = [
    'nome', 'livro', 'janela', 'recorte', 'medida', 'agregacao', 'unidade', 'descricao',
    'descricao_ingles',
] %}

with

variaveis ({{ colunas | join(', ') }}) as (
    values
    {%- for v in lista %}
    (
        {%- for coluna in colunas %}
        '{{ v[coluna] | replace("'", aspa) }}'{{ ',' if not loop.last }}
        {%- endfor %}
    ){{ ',' if not loop.last }}
    {%- endfor %}
),

dicionario_variaveis as (
    select
        cast(nome as {{ dbt.type_string() }}) as nome,
        cast(livro as {{ dbt.type_string() }}) as livro,
        cast(janela as {{ dbt.type_string() }}) as janela,
        cast(recorte as {{ dbt.type_string() }}) as recorte,
        cast(medida as {{ dbt.type_string() }}) as medida,
        cast(agregacao as {{ dbt.type_string() }}) as agregacao,
        cast(unidade as {{ dbt.type_string() }}) as unidade,
        cast(descricao as {{ dbt.type_string() }}) as descricao,
        cast(descricao_ingles as {{ dbt.type_string() }}) as descricao_ingles
    from variaveis
)

select * from dicionario_variaveis
