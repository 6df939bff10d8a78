{# Whole days from one date to another; negative where the second lies before the first. #}
{% macro dias_entre(inicio, fim) -%}
    {{ return(adapter.dispatch('dias_entre', 'lastro')(inicio, fim)) }}
{%- endmacro %}

{% macro default__dias_entre(inicio, fim) -%}
    cast({{ fim }} - {{ inicio }} as integer)
{%- endmacro %}

{% macro spark__dias_entre(inicio, fim) -%}
    datediff({{ fim }}, {{ inicio }})
{%- endmacro %}
