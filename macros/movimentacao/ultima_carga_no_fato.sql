{# The newest load in the fact being built, as a subquery; 0 while the fact is empty. #}
{% macro ultima_carga_no_fato() -%}
    (select coalesce(max(t._carga_id), 0) from {{ this }} as t)
{%- endmacro %}
