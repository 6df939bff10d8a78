{#
    A fingerprint of each file of the project that decides what a build makes: models, sources,
    seeds, snapshots and tests with their configuration and contracts, and macros, those of packages
    too. It names what differs, which one fingerprint of the whole could not.
#}
{% macro impressao_do_projeto() -%}
    {%- set partes = {} -%}
    {%- for no in graph.nodes.values() if no.package_name == project_name -%}
        {%- set colunas = [] -%}
        {%- for coluna in no.columns.values() -%}
            {%- do colunas.append([coluna.name, coluna.data_type, coluna.constraints, coluna.meta]) -%}
        {%- endfor -%}
        {%- do partes.setdefault(no.original_file_path, []).append(
            no.unique_id ~ no.checksum.checksum ~ no.raw_code
            ~ tojson([colunas, no.config], sort_keys=true)
        ) -%}
    {%- endfor -%}
    {%- for fonte in graph.sources.values() if fonte.package_name == project_name -%}
        {%- set colunas = [] -%}
        {%- for coluna in fonte.columns.values() -%}
            {%- do colunas.append([coluna.name, coluna.data_type]) -%}
        {%- endfor -%}
        {%- do partes.setdefault(fonte.original_file_path, []).append(
            fonte.unique_id ~ fonte.relation_name ~ tojson([colunas, fonte.config], sort_keys=true)
        ) -%}
    {%- endfor -%}
    {%- set macros = context.values() | selectattr('macro', 'defined') | list -%}
    {%- for pacote in ('dbt_utils', 'dbt_expectations') if pacote in context -%}
        {%- do macros.extend(context[pacote].values() | selectattr('macro', 'defined')) -%}
    {%- endfor -%}
    {%- for macro in macros if macro.macro.package_name is defined
        and macro.macro.package_name not in ('dbt', 'dbt_duckdb', 'dbt_postgres') -%}
        {%- do partes.setdefault(macro.macro.original_file_path, []).append(
            macro.macro.macro_sql
        ) -%}
    {%- endfor -%}
    {%- set impressoes = {} -%}
    {%- for arquivo, textos in partes.items() -%}
        {%- do impressoes.update({arquivo: local_md5(textos | sort | join('\n'))[:16]}) -%}
    {%- endfor -%}
    {{ return(impressoes) }}
{%- endmacro %}

{# For `dbt run-operation`: the fingerprints as one line of JSON. #}
{% macro mostrar_impressao_do_projeto() -%}
    {{ print(tojson(impressao_do_projeto(), sort_keys=true)) }}
{%- endmacro %}
