{#
    SQL that makes the schemas and tables of the sources that are not there yet. A warehouse of an
    older version is refused: what it lacks is added by `lastro upgrade`, which says so
    (loaders/armazem/estrutura.py asks the same). The lake's tables come of a warehouse that was looked
    at so; what `lastro lake` does not copy is made, and widened, here.
#}
{% macro criar_tabelas_de_fontes() %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set existentes, do_lago = colunas_das_fontes(), target.type == 'spark' -%}
    {%- set cargas = source('controle', 'cargas') -%}
    {%- set novo = cargas.schema ~ '.' ~ cargas.identifier not in existentes -%}
    {%- set comandos, faltam = [], [] -%}
    {%- for fonte in graph.sources.values() -%}
        {%- set nome = fonte.schema ~ '.' ~ fonte.identifier -%}
        {%- if nome in existentes -%}
            {%- for coluna in fonte.columns.values() if coluna.name not in existentes[nome] -%}
                {%- if do_lago -%}
                    {%- do comandos.append(
                        'alter table ' ~ nome ~ ' add column ' ~ coluna.name ~ ' '
                        ~ tipo(coluna.data_type)
                    ) -%}
                {%- else -%}
                    {%- do faltam.append(nome ~ '.' ~ coluna.name) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- elif fonte.source_name == 'controle' and not (novo or do_lago) -%}
            {%- do faltam.append(nome) -%}
        {%- else -%}
            {%- set colunas = [] -%}
            {%- for coluna in fonte.columns.values() -%}
                {%- do colunas.append(coluna.name ~ ' ' ~ tipo(coluna.data_type)) -%}
            {%- endfor -%}
            {%- do comandos.append('create schema if not exists ' ~ fonte.schema) -%}
            {%- do comandos.append(
                'create table if not exists ' ~ nome ~ ' (' ~ colunas | join(', ') ~ ')'
                ~ disposicao_das_fontes(fonte.schema, fonte.identifier)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ recusar_armazem_antigo(faltam) }}
    {%- if novo and not do_lago -%}
        {%- for nome in atualizacoes_do_contrato() -%}
            {%- do comandos.append(
                'insert into ' ~ source('controle', 'atualizacoes')
                ~ " (nome, linhas, feita_em) values ('" ~ nome ~ "', 0, current_timestamp)"
            ) -%}
        {%- endfor -%}
    {%- elif not do_lago -%}
        {{ recusar_armazem_antigo(atualizacoes_pedidas()) }}
    {%- endif -%}
    {{ return(em_sequencia(comandos)) }}
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

{# How a table lies on disk that a build makes for a source. #}
{% macro disposicao_das_fontes(esquema, nome) -%}
    {{ return(adapter.dispatch('disposicao_das_fontes', 'lastro')(esquema, nome)) }}
{%- endmacro %}

{% macro default__disposicao_das_fontes(esquema, nome) -%}
    {{ return('') }}
{%- endmacro %}

{# Small tables; of texts Iceberg keeps sixteen letters otherwise, which tell no two apart for sure. #}
{% macro spark__disposicao_das_fontes(esquema, nome) -%}
    {{ return(
        ' using iceberg location ' ~ lugar_no_lago(esquema, nome)
        ~ " tblproperties ('write.metadata.metrics.default' = 'full')"
    ) }}
{%- endmacro %}
