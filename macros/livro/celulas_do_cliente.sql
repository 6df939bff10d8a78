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
        {{ em_double('avg(' ~ medida ~ ')') }} as {{ medida }}_media
    {%- else -%}
        {{ agregacao }}({{ medida }}) as {{ medida }}_{{ agregacao }}
    {%- endif -%}
{%- endmacro %}

{# The variables of a window, each from the cell of its slice; a slice without an invoice counts 0. #}
{% macro variaveis_das_celulas(janela) -%}
    {%- for v in variaveis_do_livro(janela) %}
        {%- set celula = v.recorte ~ '.' ~ v.celula %}
        {{- 'coalesce(' ~ celula ~ ', 0)' if v.agregacao == 'contagem' else celula }} as {{ v.nome }}
        {%- if not loop.last %},
        {% endif %}
    {%- endfor %}
{%- endmacro %}

{# The joins that put the cell of each slice beside its customer, under the slice's name. #}
{% macro juncao_das_celulas(clientes, celulas) -%}
    {%- for recorte, do_recorte in definicao_do_livro().recortes.items() -%}
    left join {{ celulas }} as {{ recorte }}
        on
            {{ clientes }}.id_cliente = {{ recorte }}.id_cliente
            {%- if do_recorte.coluna is none %}
            and {{ recorte }}.geral
            {%- else %}
            and {{ recorte }}.{{ do_recorte.coluna }} = '{{ do_recorte.classe }}'
            {%- endif %}
    {% endfor -%}
{%- endmacro %}
