{#
    The rows that a unit test gives. Spark looks through a union of a hundred selects a hundred times:
    there they are values.
#}
{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    {{ return(
        linhas_como_valores(rows) if target.type == 'spark' and rows
        else dbt.get_fixture_sql(rows, column_name_to_data_types)
    ) }}
{%- endmacro %}

{% macro linhas_como_valores(linhas) -%}
    {%- set la = defer_relation if defer_relation and not load_relation(this) else this -%}
    {%- set tipos = {} -%}
    {%- for coluna in adapter.get_columns_in_relation(la) -%}
        {%- do tipos.update({coluna.name | lower: coluna.data_type}) -%}
    {%- endfor -%}
    {%- set valores = [] -%}
    {%- for linha in linhas -%}
        {%- set escrita, dela = format_row(linha, tipos), [] -%}
        {%- for nome, tipo in tipos.items() -%}
            {%- do dela.append(escrita.get(nome, 'cast(null as ' ~ tipo ~ ')') | trim) -%}
        {%- endfor -%}
        {%- do valores.append('(' ~ dela | join(', ') ~ ')') -%}
    {%- endfor -%}
    select * from (
        values
        {{ valores | join(',\n        ') }}
    ) as linhas ({{ tipos.keys() | join(', ') }})
{%- endmacro %}
