{#
    How well a variable tells bad from good: aggregates over its distinct values, walked through in
    order. Each value comes with its bad and good rows, and with those up to and including it; the
    products are whole numbers until the one division, so that every engine gives the same double.
    Counts are bigints: what they give is right up to three thousand million rows.
#}

{#
    The area under the ROC curve: the chance that a bad row has a higher value than a good one, ties
    counted as half. Null where either is missing; below a half it stays so.
#}
{% macro area_sob_a_curva(maus, bons, bons_ate) -%}
    {{ razao(
        'sum(' ~ maus ~ ' * (2 * ' ~ bons_ate ~ ' - ' ~ bons ~ '))',
        '(2 * sum(' ~ maus ~ ') * sum(' ~ bons ~ '))'
    ) }}
{%- endmacro %}

{# Gini's coefficient of an area under the curve. #}
{% macro gini(auc) -%}
    (2 * {{ auc }} - 1)
{%- endmacro %}

{#
    The statistic of Kolmogorov and Smirnov: how far the shares of bad and good rows up to a value lie
    apart at most. The totals are the same in every row of a group.
#}
{% macro distancia_maxima(maus_ate, bons_ate, maus_total, bons_total) -%}
    {{ razao(
        'max(abs(' ~ maus_ate ~ ' * ' ~ bons_total ~ ' - ' ~ bons_ate ~ ' * ' ~ maus_total ~ '))',
        'max(' ~ maus_total ~ ' * ' ~ bons_total ~ ')'
    ) }}
{%- endmacro %}
