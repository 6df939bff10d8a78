{#
    Pre-hook of a model that sorts or hashes much: how much memory PostgreSQL may take for each such
    step in this transaction; its default of 4 MB writes the steps to disk. Other engines share one
    limit between all steps and have nothing to set.
#}
{% macro memoria_de_trabalho(megabytes) -%}
    {{ return(adapter.dispatch('memoria_de_trabalho', 'lastro')(megabytes)) }}
{%- endmacro %}

{% macro default__memoria_de_trabalho(megabytes) -%}
{%- endmacro %}

{% macro postgres__memoria_de_trabalho(megabytes) -%}
    set local work_mem = '{{ megabytes }}MB'
{%- endmacro %}
