{# SQL that makes the schemas, tables and columns of the sources that are not there yet. #}
{% macro criar_tabelas_de_fontes() %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set consulta -%}
        select table_schema || '.' || table_name as tabela, column_name as coluna
        from information_schema.columns
    {%- endset -%}
    {%- set existentes = {} -%}
    {%- for linha in run_query(consulta).rows -%}
        {%- do existentes.setdefault(linha[0], []).append(linha[1]) -%}
    {%- endfor -%}
    {%- set comandos = [] -%}
    {%- for fonte in graph.sources.values() -%}
        {%- set nome = fonte.schema ~ '.' ~ fonte.identifier -%}
        {%- if nome not in existentes -%}
            {%- set colunas = [] -%}
            {%- for coluna in fonte.columns.values() -%}
                {%- do colunas.append(coluna.name ~ ' ' ~ coluna.data_type) -%}
            {%- endfor -%}
            {%- do comandos.append('create schema if not exists ' ~ fonte.schema) -%}
            {%- do comandos.append(
                'create table if not exists ' ~ nome ~ ' (' ~ colunas | join(', ') ~ ')'
            ) -%}
        {%- else -%}
            {%- for coluna in fonte.columns.values() if coluna.name not in existentes[nome] -%}
                {%- do comandos.append(
                    'alter table ' ~ nome ~ ' add column ' ~ coluna.name ~ ' ' ~ coluna.data_type
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(comandos | join('; ')) }}
{% endmacro %}
