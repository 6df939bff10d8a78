{#
    Several statements where dbt wants the text of one, as in a hook: together, in one transaction.
    Spark has none and takes one statement a call: all but the last are run here.
#}
{% macro em_sequencia(comandos) -%}
    {{ return(adapter.dispatch('em_sequencia', 'lastro')(comandos)) }}
{%- endmacro %}

{% macro default__em_sequencia(comandos) -%}
    {{ return(comandos | join(';\n')) }}
{%- endmacro %}

{% macro spark__em_sequencia(comandos) -%}
    {%- for comando in comandos[:-1] -%}
        {%- do run_query(comando) -%}
    {%- endfor -%}
    {{ return(comandos[-1] if comandos else '') }}
{%- endmacro %}
