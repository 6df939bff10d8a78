{#- Fails on each row (of those that meet row_condition) whose value the expression does not match
    anywhere. As in the hub's package a null passes on DuckDB and Spark and fails on PostgreSQL (say
    `row_condition: <column> is not null` to have one answer), each engine reads the expression in
    its own dialect, is_raw does nothing here, and Spark knows no flags. -#}
{% test expect_column_values_to_match_regex(
    model, column_name, regex, row_condition=None, is_raw=False, flags=""
) %}
select *
from {{ model }}
where
    {% if row_condition %}({{ row_condition }}) and{% endif %}
    not (
        {% if target.type == 'postgres' %}
        coalesce(regexp_like({{ column_name }}, '{{ regex }}', '{{ flags }}'), false)
        {% elif target.type == 'duckdb' %}
        regexp_matches({{ column_name }}, '{{ regex }}', '{{ flags }}')
        {% else %}
        regexp_extract({{ column_name }}, '{{ regex }}', 0) <> ''
        {% endif %}
    )
{% endtest %}
