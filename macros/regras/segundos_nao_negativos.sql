{# A duration in microseconds as seconds in double precision; null where it runs backwards. #}
{% macro segundos_nao_negativos(microssegundos) -%}
    case when {{ microssegundos }} >= 0 then {{ em_double(microssegundos) }} / 1000000 end
{%- endmacro %}
