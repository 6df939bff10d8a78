{#
    What one bin adds to the index: (a - b) * ln(a / b), with a share of at least 0.0001 each. As a
    decimal, for a sum of doubles has other last digits whenever its terms come in another order.
#}
{% macro parcela_da_estabilidade(parte, todo, parte_antes, todo_antes) -%}
    {%- set depois = 'greatest(' ~ razao(parte, todo) ~ ', 0.0001)' -%}
    {%- set antes = 'greatest(' ~ razao(parte_antes, todo_antes) ~ ', 0.0001)' -%}
    cast(({{ depois }} - {{ antes }}) * ln({{ depois }} / {{ antes }}) as decimal(38, 12))
{%- endmacro %}
