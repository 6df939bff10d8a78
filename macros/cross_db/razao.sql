{# A quotient in double precision, null over zero: integers and decimals divide differently everywhere. #}
{% macro razao(numerador, denominador) -%}
    ({{ em_double(numerador) }} / {{ em_double('nullif(' ~ denominador ~ ', 0)') }})
{%- endmacro %}
