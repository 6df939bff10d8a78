{#- Fails on each column that the relation has and the list has not in that place, and the other way
    round; both pass through the Jinja filter `transform` first. -#}
{% test expect_table_columns_to_match_ordered_list(model, column_list, transform="upper") %}
    {%- set columns = adapter.get_columns_in_relation(model) | map(attribute='name') -%}
    {%- set found = columns | map(transform) | list -%}
    {%- set expected = column_list | map(transform) | list -%}
    {%- for mine, other, side in [(found, expected, 'relation'), (expected, found, 'list')] -%}
        {%- for i in range(mine | length) if other[i:i + 1] != [mine[i]] %}
select
    {{ i + 1 }} as column_position,
    '{{ side }}' as only_in,
    '{{ mine[i] }}' as column_name
union all
        {%- endfor -%}
    {%- endfor %}
select
    0 as column_position,
    '' as only_in,
    '' as column_name
where 1 = 0
{% endtest %}
