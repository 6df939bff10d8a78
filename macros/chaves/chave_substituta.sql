{#
    Surrogate key: 16 bytes, equal on every engine. dbt_utils joins the fields with a dash, so
    ('a-b', 'c') and ('a', 'b-c') would meet; with several fields each is preceded by its length,
    after which no two lists of fields give the same text.
#}
{% macro chave_substituta(campos) -%}
    {%- if campos | length == 1 -%}
        {{ hash_em_chave(dbt_utils.generate_surrogate_key(campos)) }}
    {%- else -%}
        {%- set medidos = [] -%}
        {%- for campo in campos -%}
            {%- set texto = 'cast(' ~ campo ~ ' as ' ~ dbt.type_string() ~ ')' -%}
            {%- do medidos.append(
                'cast(length(' ~ texto ~ ') as ' ~ dbt.type_string() ~ ") || ':' || " ~ texto
            ) -%}
        {%- endfor -%}
        {{ hash_em_chave(dbt_utils.generate_surrogate_key(medidos)) }}
    {%- endif -%}
{%- endmacro %}

{# The key of the unknown member of every dimension. #}
{% macro chave_desconhecida() -%}
    {{ hash_em_chave("'00000000-0000-0000-0000-000000000000'") }}
{%- endmacro %}
