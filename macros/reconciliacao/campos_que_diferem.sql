{# The names of the columns in which two rows of a join differ, separated by `; `; null where none does. #}
{% macro campos_que_diferem(uma, outra, colunas) -%}
    {%- set regras = {} -%}
    {%- for coluna in colunas -%}
        {%- do regras.update({
            coluna: '(' ~ uma ~ '.' ~ coluna ~ ' is distinct from ' ~ outra ~ '.' ~ coluna ~ ')',
        }) -%}
    {%- endfor -%}
    {{ lista_de_motivos(regras) }}
{%- endmacro %}
