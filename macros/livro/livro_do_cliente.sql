{#
    The query of one window's table of the customer book. The invoices are grouped once for all
    slices, and each slice's row of a customer is then put beside the others by a join: hundreds of
    aggregates with a condition each would look at every invoice hundreds of times. One grouping
    set each for all invoices, for the classes of one kind and for those of the other.
#}
{% macro livro_do_cliente(janela) -%}
    {%- set definicao = definicao_do_livro() -%}
    {%- set meses = definicao.janelas[janela].meses -%}
    {%- set variaveis = variaveis_do_livro(janela) -%}
{{ livro_depende_de() }}
with

faturas as (
    select * from {{ ref('int_livro__fatura_na_ref_data') }}
),

clientes as (
    select distinct f.id_cliente
    from {{ ref('fact_fatura') }} as f
    where
        f.data_emissao < {{ ref_date_do_lote() }}
        and f.data_emissao >= {{ somar_meses(ref_date_do_lote(), -12) }}
        and {{ clientes_do_lote('f.id_cliente') }}
),

celulas as (
    select
        id_cliente,
        classe_prazo,
        classe_valor,
        classe_prazo is null and classe_valor is null as geral,
        {%- for medida, da_medida in definicao.medidas.items() %}
        {%- set ultima_medida = loop.last %}
        {%- for agregacao, tipo in da_medida.agregacoes.items() %}
        {{ agregado(medida, agregacao, tipo) }}{{ ',' if not (ultima_medida and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from faturas
    where data_emissao >= {{ somar_meses(ref_date_do_lote(), -meses) }}
    group by grouping sets (
        (id_cliente),
        (id_cliente, classe_prazo),
        (id_cliente, classe_valor)
    )
),

book_fatura_cliente as (
    select
        {{ ref_date_do_lote() }} as ref_date,
        clientes.id_cliente,
        {%- for v in variaveis %}
        {%- set celula = v.recorte ~ '.' ~ v.celula %}
        {{ 'coalesce(' ~ celula ~ ', 0)' if v.agregacao == 'contagem' else celula }} as {{ v.nome }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from clientes
    {%- for recorte, do_recorte in definicao.recortes.items() %}
    left join celulas as {{ recorte }}
        on
            clientes.id_cliente = {{ recorte }}.id_cliente
            {%- if do_recorte.coluna is none %}
            and {{ recorte }}.geral
            {%- else %}
            and {{ recorte }}.{{ do_recorte.coluna }} = '{{ do_recorte.classe }}'
            {%- endif %}
    {%- endfor %}
)

select * from book_fatura_cliente
{%- endmacro %}

{# One measure of a cell: the aggregate in the type of its column. #}
{% macro agregado(medida, agregacao, tipo) -%}
    {%- if agregacao == 'contagem' -%}
        cast(count(*) as integer) as {{ medida }}
    {%- elif agregacao == 'soma' -%}
        cast(sum({{ medida }}) as {{ tipo }}) as {{ medida }}_soma
    {%- elif agregacao == 'media' -%}
        {{ em_double('avg(' ~ medida ~ ')') }} as {{ medida }}_media
    {%- else -%}
        {{ agregacao }}({{ medida }}) as {{ medida }}_{{ agregacao }}
    {%- endif -%}
{%- endmacro %}
