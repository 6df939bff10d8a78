{#
    Seeds, with their values written out: dbt-spark binds them as text, a null as `None` and quotes
    as they are.
#}
{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set colunas = [] -%}
    {%- for nome in agate_table.column_names -%}
        {%- do colunas.append(
            nome ~ ' ' ~ tipo_da_semente(model, agate_table, loop.index0)
            ~ comentario(model.columns.get(nome))
        ) -%}
    {%- endfor -%}
    {%- set sql -%}
        create or replace table {{ this }} ({{ colunas | join(', ') }})
        using iceberg
        location {{ lugar_no_lago(this.schema, this.identifier) }}
        {{ comment_clause() }}
    {%- endset -%}
    {%- do run_query(sql) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {{ return(create_csv_table(model, agate_table)) }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set linhas = [] -%}
    {%- for linha in agate_table.rows -%}
        {%- set valores = [] -%}
        {%- for valor in linha -%}
            {%- do valores.append(
                'cast(' ~ ('null' if valor is none else texto_literal(valor))
                ~ ' as ' ~ tipo_da_semente(model, agate_table, loop.index0) ~ ')'
            ) -%}
        {%- endfor -%}
        {%- do linhas.append('(' ~ valores | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- if not linhas -%}{{ return('') }}{%- endif -%}
    {%- set sql = 'insert into ' ~ this ~ ' values\n' ~ linhas | join(',\n') -%}
    {%- do run_query(sql) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro tipo_da_semente(model, agate_table, posicao) -%}
    {%- set nome = agate_table.column_names[posicao] -%}
    {{ return(tipo(
        model.config.get('column_types', {}).get(nome) or adapter.convert_type(agate_table, posicao)
    )) }}
{%- endmacro %}
