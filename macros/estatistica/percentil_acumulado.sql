{#
    Aggregate: the value at k/q of rows that are counted by distinct value, as `percentil` gives it of
    the rows themselves, without bringing them together: with lo at the rank of whole numbers
    (n - 1)k / q, from 0, and hi at the next, lo + (hi - lo) × ((n - 1)k mod q) / q. Null of none.

    `ate` are the rows up to and including the value, `n` all rows, the same for each value.
#}
{% macro percentil_acumulado(valor, ate, n, k, q) -%}
    {%- set passos = '(' ~ n ~ ' - 1) * ' ~ k -%}
    {%- set resto = '(' ~ passos ~ ') % ' ~ q -%}
    {%- set inteiros = passos ~ ' - ' ~ resto -%}
    {%- set lo = 'min(' ~ valor ~ ') filter (where (' ~ ate ~ ') * ' ~ q ~ ' > ' ~ inteiros ~ ')' -%}
    {%- set hi = 'min(' ~ valor ~ ') filter (where (' ~ ate ~ ') * ' ~ q ~ ' > ' ~ inteiros ~ ' + ' ~ q ~ ')' -%}
    case
        when max({{ resto }}) = 0 then {{ lo }}
        else {{ lo }} + ({{ hi }} - {{ lo }}) * max({{ resto }}) / {{ q }}
    end
{%- endmacro %}
