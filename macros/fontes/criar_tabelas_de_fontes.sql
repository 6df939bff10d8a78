{# SQL that makes the schemas, tables and columns of the sources that are not there yet. #}
{% macro criar_tabelas_de_fontes() %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set existentes = colunas_das_fontes() -%}
    {%- set comandos = [] -%}
    {%- for fonte in graph.sources.values() -%}
        {%- set nome = fonte.schema ~ '.' ~ fonte.identifier -%}
        {%- if nome not in existentes -%}
            {%- set colunas = [] -%}
            {%- for coluna in fonte.columns.values() -%}
                {%- do colunas.append(coluna.name ~ ' ' ~ tipo(coluna.data_type)) -%}
            {%- endfor -%}
            {%- do comandos.append('create schema if not exists ' ~ fonte.schema) -%}
            {%- do comandos.append(
                'create table if not exists ' ~ nome ~ ' (' ~ colunas | join(', ') ~ ')'
            ) -%}
        {%- else -%}
            {%- for coluna in fonte.columns.values() if coluna.name not in existentes[nome] -%}
                {%- do comandos.append(
                    'alter table ' ~ nome ~ ' add column ' ~ coluna.name ~ ' ' ~ tipo(coluna.data_type)
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(em_sequencia(comandos)) }}
{% endmacro %}

{# The columns of each table that is there, by `<schema>.<table>`. #}
{% macro colunas_das_fontes() -%}
    {{ return(adapter.dispatch('colunas_das_fontes', 'lastro')()) }}
{%- endmacro %}

{% macro default__colunas_das_fontes() -%}
    {%- set consulta -%}
        select table_schema || '.' || table_name as tabela, column_name as coluna
        from information_schema.columns
    {%- endset -%}
    {%- set existentes = {} -%}
    {%- for linha in run_query(consulta).rows -%}
        {%- do existentes.setdefault(linha[0], []).append(linha[1]) -%}
    {%- endfor -%}
    {{ return(existentes) }}
{%- endmacro %}

{# Spark has no information_schema. #}
{% macro spark__colunas_das_fontes() -%}
    {%- set existentes = {} -%}
    {%- for fonte in graph.sources.values() -%}
        {%- set tabela = adapter.get_relation(none, fonte.schema, fonte.identifier) -%}
        {%- if tabela -%}
            {%- do existentes.update({
                fonte.schema ~ '.' ~ fonte.identifier:
                    adapter.get_columns_in_relation(tabela) | map(attribute='name') | list
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(existentes) }}
{%- endmacro %}
