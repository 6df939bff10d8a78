{#
    A model of the book is written for one ref_date and one batch of customers. These marks stand
    for them: the materialisation `livro` puts each ref_date and batch in their place. As literals,
    not as a join to a table of ref_dates, they reach the scans, which then skip what no window
    holds, and PostgreSQL guesses rightly how many rows come.
#}
{% macro ref_date_do_lote() -%}
    cast(/*ref_date*/'1900-01-01' as date)
{%- endmacro %}

{# The ref_date before it, for a model that compares the two. #}
{% macro ref_date_anterior_do_lote() -%}
    cast(/*ref_date_anterior*/'1899-12-01' as date)
{%- endmacro %}

{% macro clientes_do_lote(id_cliente) -%}
    {{ lote_de_texto(id_cliente, '/*lotes*/1') }} = /*lote*/0
{%- endmacro %}

{# A model's SQL for one ref_date and batch. #}
{% macro sql_do_lote(sql, item, lote, lotes) -%}
    {{ return(
        sql
        | replace("/*ref_date*/'1900-01-01'", "'" ~ item.ref_date ~ "'")
        | replace("/*ref_date_anterior*/'1899-12-01'", "'" ~ item.ref_date_anterior ~ "'")
        | replace('/*lotes*/1', lotes | string)
        | replace('/*lote*/0', lote | string)
    ) }}
{%- endmacro %}

{# The first day of a window of the ref_date at hand. #}
{% macro inicio_da_janela(janela) -%}
    {{ somar_meses(ref_date_do_lote(), -definicao_do_livro().janelas[janela].meses) }}
{%- endmacro %}
