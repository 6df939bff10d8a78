{#
    A fingerprint of each file of the project that decides what a build makes: models, sources,
    seeds, snapshots and tests with their configuration and contracts, and macros, those of packages
    too. It names what differs, which one fingerprint of the whole could not.
#}
{% macro impressao_do_projeto() -%}
    {%- set partes = {} -%}
    {%- for no in graph.nodes.values() if no.package_name == project_name -%}
        {%- do partes.setdefault(no.original_file_path, []).append(texto_do_no(no)) -%}
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
    {%- for macro in macros_do_projeto() -%}
        {%- do partes.setdefault(macro.original_file_path, []).append(macro.macro_sql) -%}
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
