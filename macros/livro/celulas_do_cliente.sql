{#
    The repetitive parts of the tables of the customer book. Their invoices are grouped by slice, for all
    windows at once, and each slice's row of a customer is then put beside the others by a join:
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

{#
    The CTEs with the cells: one for each slice, grouped by the customer alone. Spark would read the
    invoices anew for each, so there it is one for all, of which a row is of a slice.
#}
{% macro celulas_dos_recortes(faturas, janelas) -%}
    {{ return(adapter.dispatch('celulas_dos_recortes', 'lastro')(faturas, janelas)) }}
{%- endmacro %}

{% macro default__celulas_dos_recortes(faturas, janelas) -%}
{%- for recorte, do_recorte in definicao_do_livro().recortes.items() -%}
celulas_{{ recorte }} as (
    select
        id_cliente,
        {{ agregados_da_celula(janelas) }}
    from {{ faturas }}
    {%- if do_recorte.coluna is not none %}
    where {{ do_recorte.coluna }} = '{{ do_recorte.classe }}'
    {%- endif %}
    group by id_cliente
){{ ',\n\n' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{% macro spark__celulas_dos_recortes(faturas, janelas) -%}
-- One grouping set each for all invoices, for the classes of one kind and for those of the other.
celulas as (
    select
        id_cliente,
        classe_prazo,
        classe_valor,
        classe_prazo is null and classe_valor is null as geral,
        {{ agregados_da_celula(janelas) }}
    from {{ faturas }}
    group by grouping sets (
        (id_cliente),
        (id_cliente, classe_prazo),
        (id_cliente, classe_valor)
    )
)
{%- endmacro %}

{# A value of a slice's row. #}
{% macro valor_da_celula(recorte, coluna) -%}
    {{ return(adapter.dispatch('valor_da_celula', 'lastro')(recorte, coluna)) }}
{%- endmacro %}

{% macro default__valor_da_celula(recorte, coluna) -%}
    {{ return(recorte ~ '.' ~ coluna) }}
{%- endmacro %}

{% macro spark__valor_da_celula(recorte, coluna) -%}
    {%- set do_recorte = definicao_do_livro().recortes[recorte] -%}
    {%- set condicao = 'celula.geral' if do_recorte.coluna is none
        else 'celula.' ~ do_recorte.coluna ~ " = '" ~ do_recorte.classe ~ "'" -%}
    {{ return('max(celula.' ~ coluna ~ ') filter (where ' ~ condicao ~ ')') }}
{%- endmacro %}

{# What puts the cells of all slices beside their customer, each under the name of its slice. #}
{% macro juncao_das_celulas(clientes) -%}
    {{ return(adapter.dispatch('juncao_das_celulas', 'lastro')(clientes)) }}
{%- endmacro %}

{% macro default__juncao_das_celulas(clientes) -%}
    {%- for recorte in definicao_do_livro().recortes -%}
    left join celulas_{{ recorte }} as {{ recorte }}
        on {{ clientes }}.id_cliente = {{ recorte }}.id_cliente
    {% endfor -%}
{%- endmacro %}

{% macro spark__juncao_das_celulas(clientes) -%}
    left join celulas as celula on {{ clientes }}.id_cliente = celula.id_cliente
    group by {{ clientes }}.id_cliente
{%- endmacro %}
