{#- Fails on each distinct value (of the rows that meet row_condition) that is not in the set; null
    is in no set, so it fails. -#}
{% test expect_column_distinct_values_to_be_in_set(
    model, column_name, value_set, quote_values=True, row_condition=None
) %}
with allowed_values as (
    {% for value in value_set %}
    select {{ "'" ~ value ~ "'" if quote_values else value }} as value_field
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

found_values as (
    select distinct {{ column_name }} as value_field
    from {{ model }}
    {% if row_condition %}where {{ row_condition }}{% endif %}
)

select found_values.value_field
from found_values
left join allowed_values on found_values.value_field = allowed_values.value_field
where allowed_values.value_field is null
{% endtest %}
