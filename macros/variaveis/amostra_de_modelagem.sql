{# For how many months after a ref_date invoices that fall due decide on the target. #}
{% macro meses_desempenho() -%}
    {{ return(inteiro_dito('meses_desempenho', var('meses_desempenho', 6), 1)) }}
{%- endmacro %}

{# How many days after its due date an invoice is bad whose minimum was not reached until then. #}
{% macro dias_alvo() -%}
    {{ return(inteiro_dito('dias_alvo', var('dias_alvo', 60))) }}
{%- endmacro %}

{# How many of the newest ref_dates with a complete target are kept for the test out of time. #}
{% macro meses_fora_do_tempo() -%}
    {{ return(inteiro_dito('meses_fora_do_tempo', var('meses_fora_do_tempo', 3))) }}
{%- endmacro %}
