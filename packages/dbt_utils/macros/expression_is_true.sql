{#- Fails on each row for which the expression is false; null passes. On a column, the column's name
    comes before the expression. -#}
{% test expression_is_true(model, expression, column_name=none) %}
select *
from {{ model }}
where not ({{ column_name if column_name is not none }} {{ expression }})
{% endtest %}
