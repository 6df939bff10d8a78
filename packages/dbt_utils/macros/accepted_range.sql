{#- Fails on each row whose value lies below min_value or above max_value (or equals one of them,
    where inclusive is false); a null value passes. -#}
{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
    {%- set or_equal = '=' if inclusive else '' -%}
    {%- set limits = [] -%}
    {%- if min_value is not none -%}
        {%- do limits.append(column_name ~ ' >' ~ or_equal ~ ' ' ~ min_value) -%}
    {%- endif -%}
    {%- if max_value is not none -%}
        {%- do limits.append(column_name ~ ' <' ~ or_equal ~ ' ' ~ max_value) -%}
    {%- endif %}
select *
from {{ model }}
where not ({{ limits | join(' and ') or '1 = 1' }})
{% endtest %}
