{#
    A value in double precision to the centavo, half up. Half a centavo is no exact double, so what lies
    below it by no more than the errors of `escala`, the largest amount that the value was made of,
    counts as the half: then engines agree, and with sums made by hand.
#}
{% macro em_centavos(valor, escala) -%}
    cast(floor(({{ valor }}) * 100 + 0.5 + ({{ escala }}) * 4e-13) / 100 as decimal(18, 2))
{%- endmacro %}
