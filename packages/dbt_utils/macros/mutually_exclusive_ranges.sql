{#- Fails on each range that does not begin before it ends (a null bound included), or that does not
    stand to the next of its partition as `gaps` asks. -#}
{% test mutually_exclusive_ranges(
    model,
    lower_bound_column,
    upper_bound_column,
    partition_by=None,
    gaps='allowed',
    zero_length_range_allowed=False
) %}
    {%- set to_next = {'allowed': '<=', 'not_allowed': '=', 'required': '<'} -%}
    {%- if gaps not in to_next -%}
        {{ exceptions.raise_compiler_error(
            "mutually_exclusive_ranges: gaps is '" ~ gaps ~ "', and must be one of "
            ~ to_next | list | join(', ') ~ '.'
        ) }}
    {%- endif -%}
    {%- set to_own_end = '<=' if zero_length_range_allowed else '<' -%}
    {%- set partition = 'partition by ' ~ partition_by if partition_by else '' %}
with ranges as (
    select
        {% if partition_by %}{{ partition_by }} as partition_key,{% endif %}
        {{ lower_bound_column }} as lower_bound,
        {{ upper_bound_column }} as upper_bound,
        lead({{ lower_bound_column }}) over (
            {{ partition }}
            order by {{ lower_bound_column }}, {{ upper_bound_column }}
        ) as next_lower_bound,
        row_number() over (
            {{ partition }}
            order by {{ lower_bound_column }} desc, {{ upper_bound_column }} desc
        ) as position_from_end
    from {{ model }}
)

select *
from ranges
where
    (lower_bound {{ to_own_end }} upper_bound) is not true
    or not coalesce(upper_bound {{ to_next[gaps] }} next_lower_bound, position_from_end = 1)
{% endtest %}
