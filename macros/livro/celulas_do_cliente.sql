{#
    The repetitive parts of the tables of the customer book. Their invoices are grouped once for all
    slices, and each slice's row of a customer is then put beside the others by a join: hundreds of
    aggregates with a condition each would look at every invoice hundreds of times.
#}

{# The columns of a cell: every measure in every aggregation, as the definition has them. #}
{% macro agregados_da_celula() -%}
    {%- set agregados = [] -%}
    {%- for medida, da_medida in definicao_do_livro().medidas.items() -%}
        {%- for agregacao, tipo in da_medida.agregacoes.items() -%}
            {%- do agregados.append(agregado(medida, agregacao, tipo)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ agregados | join(',\n        ') }}
{%- endmacro %}

{# One measure of a cell: the aggregate in the type of its column. #}
{% macro agregado(medida, agregacao, tipo) -%}
    {%- if agregacao == 'contagem' -%}
        cast(count(*) as integer) as {{ medida }}
    {%- elif agregacao == 'soma' -%}
        cast(sum({{ medida }}) as {{ tipo }}) as {{ medida }}_soma
    {%- elif agregacao == 'media' -%}
        {{ media(medida) }} as {{ medida }}_media
    {%- else -%}
        {{ agregacao }}({{ medida }}) as {{ medida }}_{{ agregacao }}
    {%- endif -%}
{%- endmacro %}

{# The variables of a window, each from the cell of its slice; a slice without an invoice counts 0. #}
{% macro variaveis_das_celulas(janela) -%}
    {%- for v in variaveis_do_livro(janela) %}
        {%- set celula = valor_da_celula(v.recorte, v.celula) %}
        {{- 'coalesce(' ~ celula ~ ', 0)' if v.agregacao == 'contagem' else celula }} as {{ v.nome }}
        {%- if not loop.last %},
        {% endif %}
    {%- endfor %}
{%- endmacro %}

{# What a slice's row of `celulas` meets, and no other row of the customer. #}
{% macro do_recorte(celulas, recorte) -%}
    {%- set definicao = definicao_do_livro().recortes[recorte] -%}
    {{ return(
        celulas ~ '.geral' if definicao.coluna is none
        else celulas ~ '.' ~ definicao.coluna ~ " = '" ~ definicao.classe ~ "'"
    ) }}
{%- endmacro %}

{# A value of a slice's row. #}
{% macro valor_da_celula(recorte, coluna) -%}
    {{ return(adapter.dispatch('valor_da_celula', 'lastro')(recorte, coluna)) }}
{%- endmacro %}

{% macro default__valor_da_celula(recorte, coluna) -%}
    {{ return(recorte ~ '.' ~ coluna) }}
{%- endmacro %}

{% macro spark__valor_da_celula(recorte, coluna) -%}
    {{ return(
        'max(celula.' ~ coluna ~ ') filter (where ' ~ do_recorte('celula', recorte) ~ ')'
    ) }}
{%- endmacro %}

{#
    What puts the cells of all slices beside their customer: a join each, under the slice's name. Spark
    would compute the cells anew for each of twelve joins, so there it is one, and a group.
#}
{% macro juncao_das_celulas(clientes, celulas) -%}
    {{ return(adapter.dispatch('juncao_das_celulas', 'lastro')(clientes, celulas)) }}
{%- endmacro %}

{% macro default__juncao_das_celulas(clientes, celulas) -%}
    {%- for recorte in definicao_do_livro().recortes -%}
    left join {{ celulas }} as {{ recorte }}
        on
            {{ clientes }}.id_cliente = {{ recorte }}.id_cliente
            and {{ do_recorte(recorte, recorte) }}
    {% endfor -%}
{%- endmacro %}

{% macro spark__juncao_das_celulas(clientes, celulas) -%}
    left join {{ celulas }} as celula on {{ clientes }}.id_cliente = celula.id_cliente
    group by {{ clientes }}.id_cliente
{%- endmacro %}
