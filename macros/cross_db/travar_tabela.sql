{#
    Pre-hook of a model that may not run twice at once: who comes second waits here and then sees
    what the first one left. Reading goes on. A DuckDB file is opened by one process at a time.
#}
{% macro travar_tabela(relacao) -%}
    {{ return(adapter.dispatch('travar_tabela', 'lastro')(relacao)) }}
{%- endmacro %}

{% macro default__travar_tabela(relacao) -%}
{%- endmacro %}

{% macro postgres__travar_tabela(relacao) -%}
    lock table {{ relacao }} in share row exclusive mode
{%- endmacro %}
