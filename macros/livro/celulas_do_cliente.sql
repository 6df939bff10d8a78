{#
    The repetitive parts of the tables of the customer book. Their invoices are grouped once for all
    slices and windows, and each slice's row of a customer is then put beside the others by a join:
    hundreds of aggregates with a condition each would look at every invoice hundreds of times.
#}

{# What an invoice has in a window, a column for each measure: it counts as 1, and null where older. #}
{% macro medidas_nas_janelas(janelas) -%}
    {%- set medidas, maior = [], janelas | list | last -%}
    {%- for janela in janelas -%}
        {%- for medida in definicao_do_livro().medidas -%}
            {%- set valor = '1' if medida == 'qtd_faturas' else medida -%}
            {%- if janela != maior -%}
                {%- set inicio = inicio_da_janela(janela) -%}
                {%- set valor = 'case when data_emissao >= ' ~ inicio ~ ' then ' ~ valor ~ ' end' -%}
            {%- endif -%}
            {%- do medidas.append(valor ~ ' as ' ~ janela ~ '_' ~ medida) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ medidas | join(',\n        ') }}
{%- endmacro %}

{# The columns of a cell: every measure in every window and aggregation, as the definition has them. #}
{% macro agregados_da_celula(janelas) -%}
    {%- set agregados = [] -%}
    {%- for janela in janelas -%}
        {%- for medida, da_medida in definicao_do_livro().medidas.items() -%}
            {%- set valor = janela ~ '_' ~ medida -%}
            {%- set quantos = valor if da_medida.pode_faltar else janela ~ '_qtd_faturas' -%}
            {%- for agregacao, tipo in da_medida.agregacoes.items() -%}
                {%- do agregados.append(agregado(valor, quantos, agregacao, tipo)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ agregados | join(',\n        ') }}
{%- endmacro %}

{# One measure of a cell: the aggregate in the type of its column. #}
{% macro agregado(valor, quantos, agregacao, tipo) -%}
    {%- if agregacao == 'contagem' -%}
        cast(count({{ valor }}) as {{ tipo }}) as {{ valor }}
    {%- elif agregacao == 'soma' -%}
        cast(sum({{ valor }}) as {{ tipo }}) as {{ valor }}_soma
    {%- elif agregacao == 'media' -%}
        {{ razao('sum(' ~ valor ~ ')', 'count(' ~ quantos ~ ')') }} as {{ valor }}_media
    {%- else -%}
        {{ agregacao }}({{ valor }}) as {{ valor }}_{{ agregacao }}
    {%- endif -%}
{%- endmacro %}

{# The variables of some windows, each from the cell of its slice; without an invoice it counts 0. #}
{% macro variaveis_das_celulas(janelas) -%}
    {%- set variaveis = [] -%}
    {%- for v in variaveis_do_livro() if v.janela in janelas -%}
        {%- set celula = valor_da_celula(v.recorte, v.janela ~ '_' ~ v.celula) -%}
        {%- do variaveis.append(
            ('coalesce(' ~ celula ~ ', 0)' if v.agregacao == 'contagem' else celula) ~ ' as ' ~ v.nome
        ) -%}
    {%- endfor -%}
    {{ variaveis | join(',\n        ') }}
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
