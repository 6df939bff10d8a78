{#
    In which of ten bins a value lies, from 1, by nine cuts that are columns (`d1` … `d9` after
    `prefixo`). A value equal to a cut lies below it; where the cuts are null all values lie above.
#}
{% macro faixa_do_decil(valor, prefixo) -%}
    case
        {%- for decil in range(1, 10) %}
        when {{ valor }} <= {{ prefixo }}{{ decil }} then {{ decil }}
        {%- endfor %}
        else 10
    end
{%- endmacro %}
