{#
    What one bin adds to the divergence of two distributions: (a - b) * ln(a / b), with a share of at
    least 0.0001 each. Summed over the bins it is the population stability index of two populations,
    and the information value of bad and good ones. As a decimal, for a sum of doubles has other last
    digits whenever its terms come in another order.
#}
{% macro parcela_de_divergencia(parte, todo, outra_parte, outro_todo) -%}
    {%- set uma = 'greatest(' ~ razao(parte, todo) ~ ', 0.0001)' -%}
    {%- set outra = 'greatest(' ~ razao(outra_parte, outro_todo) ~ ', 0.0001)' -%}
    cast(({{ uma }} - {{ outra }}) * ln({{ uma }} / {{ outra }}) as decimal(38, 12))
{%- endmacro %}
