{# With what dbt-spark lacks: brackets around a difference, and the microseconds of what is added to. #}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- set partes = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second'] -%}
    (
        cast({{ from_date_or_timestamp }} as timestamp)
        + make_interval({{ '0, ' * partes.index(datepart | lower) }}{{ interval }})
    )
{%- endmacro %}

{% macro spark__date_spine(datepart, start_date, end_date) -%}
    select cast(instante as timestamp) as date_{{ datepart }}
    from (
        select explode(
            sequence({{ start_date }}, {{ end_date }}, interval 1 {{ datepart }})
        ) as instante
    ) as instantes
    where instante < {{ end_date }}
{%- endmacro %}
