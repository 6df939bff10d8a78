{#
    A fingerprint of all code that decides the rows of a model: its own and that of everything
    upstream of it, seeds too, with configuration, contracts and the macros that are named in it,
    whether the run at hand calls them or not. What is kept from one build to the next is computed
    anew when it differs. The compiled query would not do: it says when the run began, and another
    thing in an incremental run.
#}
{% macro impressao_do_codigo(nodo) -%}
    {%- set nos, textos = [nodo.unique_id], [] -%}
    {%- for id in nos -%}
        {#- the list grows while it is read, until nothing is upstream any more -#}
        {%- set este = graph.nodes[id] -%}
        {%- do textos.append(texto_do_no(este)) -%}
        {%- for acima in este.depends_on.nodes
            if acima in graph.nodes and acima not in nos -%}
            {%- do nos.append(acima) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set por_nome = {} -%}
    {%- for macro in macros_do_projeto() -%}
        {#- what one name stands for on each engine counts together -#}
        {%- do por_nome.setdefault(macro.name.split('__') | last, []).append(macro.macro_sql) -%}
    {%- endfor -%}
    {%- for texto in textos -%}
        {%- for nome in modules.re.findall('[a-z_]+', texto) | unique if nome in por_nome -%}
            {%- do textos.extend(por_nome.pop(nome)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(local_md5(textos | sort | join('\n'))) }}
{%- endmacro %}

{# What a node defines, as one text: its code or a seed's checksum, configuration and contract. #}
{% macro texto_do_no(nodo) -%}
    {%- set colunas = [] -%}
    {%- for coluna in nodo.columns.values() -%}
        {%- do colunas.append([coluna.name, coluna.data_type, coluna.constraints, coluna.meta]) -%}
    {%- endfor -%}
    {{ return(
        nodo.unique_id ~ nodo.checksum.checksum ~ nodo.raw_code
        ~ tojson([colunas, nodo.config], sort_keys=true)
    ) }}
{%- endmacro %}

{# The macros that are not dbt's own: the project's, and those of its packages. #}
{% macro macros_do_projeto() -%}
    {%- set todas = context.values() | selectattr('macro', 'defined') | list -%}
    {%- for pacote in ('dbt_utils', 'dbt_expectations') if pacote in context -%}
        {%- do todas.extend(context[pacote].values() | selectattr('macro', 'defined')) -%}
    {%- endfor -%}
    {%- set macros = [] -%}
    {%- for item in todas if item.macro.package_name is defined
        and item.macro.package_name not in ('dbt', 'dbt_duckdb', 'dbt_postgres', 'dbt_spark') -%}
        {%- do macros.append(item.macro) -%}
    {%- endfor -%}
    {{ return(macros) }}
{%- endmacro %}
