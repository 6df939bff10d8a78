{#
    Months counted through the years, so that their difference is the months between two days. As in
    data_para_inteiro, date_part and not extract.
#}
{% macro mes_corrido(data) -%}
    {{ return(adapter.dispatch('mes_corrido', 'lastro')(data)) }}
{%- endmacro %}

{% macro default__mes_corrido(data) -%}
    cast(date_part('year', {{ data }}) * 12 + date_part('month', {{ data }}) as integer)
{%- endmacro %}
