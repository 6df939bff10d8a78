{#
    SQL that makes the schemas and tables of the sources that are not there yet. A warehouse of an
    older version is refused: what it lacks is added by `lastro upgrade`, which says so
    (loaders/armazem/estrutura.py asks the same).
#}
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
    {%- set novo = (source('controle', 'cargas') | string | replace('"', '')).split('.')[-2:]
        | join('.') not in existentes -%}
    {%- set comandos, faltam = [], [] -%}
    {%- for fonte in graph.sources.values() -%}
        {%- set nome = fonte.schema ~ '.' ~ fonte.identifier -%}
        {%- if nome in existentes -%}
            {%- for coluna in fonte.columns if coluna not in existentes[nome] -%}
                {%- do faltam.append(nome ~ '.' ~ coluna) -%}
            {%- endfor -%}
        {%- elif fonte.source_name == 'controle' and not novo -%}
            {%- do faltam.append(nome) -%}
        {%- else -%}
            {%- set colunas = [] -%}
            {%- for coluna in fonte.columns.values() -%}
                {%- do colunas.append(coluna.name ~ ' ' ~ coluna.data_type) -%}
            {%- endfor -%}
            {%- do comandos.append('create schema if not exists ' ~ fonte.schema) -%}
            {%- do comandos.append(
                'create table if not exists ' ~ nome ~ ' (' ~ colunas | join(', ') ~ ')'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ recusar_armazem_antigo(faltam) }}
    {%- if not novo -%}
        {{ recusar_armazem_antigo(atualizacoes_pedidas()) }}
    {%- else -%}
        {%- for nome in atualizacoes_do_contrato() -%}
            {%- do comandos.append(
                "insert into " ~ source('controle', 'atualizacoes')
                ~ " (nome, linhas, feita_em) values ('" ~ nome ~ "', 0, current_timestamp)"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(comandos | join('; ')) }}
{% endmacro %}

{# The changes of stored rows that the contract of `controle.atualizacoes` asks for. #}
{% macro atualizacoes_do_contrato() -%}
    {%- for fonte in graph.sources.values()
        if fonte.source_name == 'controle' and fonte.name == 'atualizacoes' -%}
        {{ return(fonte.config.meta.atualizacoes) }}
    {%- endfor -%}
{%- endmacro %}

{# Those of them that nobody noted as done. #}
{% macro atualizacoes_pedidas() -%}
    {%- set consulta -%}
        select nome from {{ source('controle', 'atualizacoes') }}
    {%- endset -%}
    {%- set feitas = run_query(consulta).columns[0].values() -%}
    {{ return(atualizacoes_do_contrato() | reject('in', feitas) | list) }}
{%- endmacro %}

{# Stops a run over a warehouse that lacks something. #}
{% macro recusar_armazem_antigo(faltam) -%}
    {%- if faltam -%}
        {{ exceptions.raise_compiler_error(
            'The warehouse is of an older version than this Lastro: it lacks '
            ~ faltam[:5] | join(', ')
            ~ (' and ' ~ (faltam | length - 5) ~ ' more' if faltam | length > 5 else '')
            ~ '. Nothing was changed. Run `.venv/bin/lastro upgrade`, then this again.'
        ) }}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}
