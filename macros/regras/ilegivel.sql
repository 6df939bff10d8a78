{#
    Whether the source holds something in a column of a raw row that no warehouse can hold, where
    the column is therefore null: it is not blank.
#}
{% macro ilegivel(coluna) -%}
    coalesce('; ' || _ilegiveis like '%; {{ coluna }}=%', false)
{%- endmacro %}
