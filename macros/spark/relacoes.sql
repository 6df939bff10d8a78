{#
    What stands in a schema. dbt-spark asks `show table extended`, which Iceberg does not answer, and
    then describes each table by itself, and sees no views.
#}
{% macro spark__list_relations_without_caching(schema_relation) -%}
    {%- set esquema = schema_relation.schema -%}
    {%- set existentes = [] -%}
    {%- if run_query("show namespaces like '" ~ esquema ~ "'").rows -%}
        {%- for linha in run_query('show tables in ' ~ esquema).rows -%}
            {%- do existentes.append((esquema, linha[1], false, 'Provider: iceberg')) -%}
        {%- endfor -%}
        {%- for linha in run_query('show views in ' ~ esquema).rows if not linha[2] -%}
            {%- do existentes.append((esquema, linha[1], false, 'Type: VIEW')) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(existentes) }}
{%- endmacro %}

{#
    A table in one commit, comments included: its columns are those of a view, which carry them. A
    statement each, as dbt-spark does afterwards, would be a commit for each column.
#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if temporary -%}
        {{ return('create or replace temporary view ' ~ relation ~ ' as\n' ~ compiled_code) }}
    {%- endif -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
        {%- set compiled_code = get_select_subquery(compiled_code) -%}
    {%- endif -%}
    {%- set vista = relation.schema ~ '__' ~ relation.identifier ~ '__nova' -%}
    {%- do run_query(
        'create or replace temporary view ' ~ vista ~ colunas_comentadas(compiled_code)
        ~ ' as\n' ~ compiled_code
    ) -%}
    create or replace table {{ relation }}
    using iceberg
    {{ partition_cols(label='partitioned by') }}
    location {{ lugar_no_lago(relation.schema, relation.identifier) }}
    {{ comment_clause() }}
    as select * from {{ vista }}
{%- endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
    {%- endif -%}
    create or replace view {{ relation }} {{ colunas_comentadas(sql) }}
    {{ comment_clause() }}
    tblproperties ('location' = {{ lugar_no_lago(relation.schema, relation.identifier) }})
    as
    {{ sql }}
{%- endmacro %}

{# The columns of a query, each with what the model at hand says of it. #}
{% macro colunas_comentadas(sql) -%}
    {%- set ditas = [] -%}
    {%- for nome in get_columns_in_query(sql) -%}
        {%- do ditas.append(nome ~ comentario(model.columns.get(nome))) -%}
    {%- endfor -%}
    ({{ ditas | join(', ') }})
{%- endmacro %}

{% macro comentario(dito) -%}
    {%- if dito and dito.description and config.persist_column_docs() -%}
        {{ ' comment ' ~ texto_literal(dito.description | trim) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__comment_clause() -%}
    {%- if config.persist_relation_docs() and model.description -%}
        comment {{ texto_literal(model.description | trim) }}
    {%- endif -%}
{%- endmacro %}

{# Comments were written with the table or view. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
{%- endmacro %}

{# The columns of a contract, for a table that is made empty. #}
{% macro spark__get_table_columns_and_constraints() -%}
    {%- set colunas = [] -%}
    {%- for coluna in model.columns.values() -%}
        {%- do colunas.append(coluna.name ~ ' ' ~ tipo(coluna.data_type) ~ comentario(coluna)) -%}
    {%- endfor -%}
    ({{ colunas | join(', ') }})
{%- endmacro %}

{# The types of a contract, in Spark's words. #}
{% macro spark__get_empty_schema_sql(columns) -%}
    {%- set nulas = [] -%}
    {%- for coluna in columns.values() -%}
        {%- do nulas.append('cast(null as ' ~ tipo(coluna.data_type) ~ ') as ' ~ coluna.name) -%}
    {%- endfor -%}
    select {{ nulas | join(', ') }}
{%- endmacro %}

{# A backslash is an escape in Spark's texts, and a doubled quote ends one and begins the next. #}
{% macro spark__escape_single_quotes(expression) -%}
    {{ return(expression | string | replace('\\', '\\\\') | replace("'", "\\'")) }}
{%- endmacro %}
