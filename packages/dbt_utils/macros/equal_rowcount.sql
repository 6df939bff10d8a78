{#- Fails by as many as the two relations differ in rows, group by group. As in the hub's package, a
    group that only one of them has counts as no difference, and two empty relations are an error. -#}
{% test equal_rowcount(model, compare_model, group_by_columns=[]) %}
    {{- config(fail_calc='sum(coalesce(diff_count, 0))') -}}
    {%- set groups = group_by_columns | join(', ') %}
with rows_a as (
    select
        {% if groups %}{{ groups }},{% endif %}
        count(*) as count_a
    from {{ model }}
    {% if groups %}group by {{ groups }}{% endif %}
    having count(*) > 0
),

rows_b as (
    select
        {% if groups %}{{ groups }},{% endif %}
        count(*) as count_b
    from {{ compare_model }}
    {% if groups %}group by {{ groups }}{% endif %}
    having count(*) > 0
)

select
    {% for column in group_by_columns %}
    rows_a.{{ column }} as {{ column }}_a,
    rows_b.{{ column }} as {{ column }}_b,
    {% endfor %}
    rows_a.count_a,
    rows_b.count_b,
    abs(rows_a.count_a - rows_b.count_b) as diff_count
from rows_a
full join rows_b
    on 1 = 1
    {% for column in group_by_columns %}
    and rows_a.{{ column }} = rows_b.{{ column }}
    {% endfor %}
{% endtest %}
