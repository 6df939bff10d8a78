{#
    What a snapshot merges, as a temporary view. dbt-spark makes a view beside the tables, in the
    session's own catalogue, which is Iceberg's here and has no such namespace.
#}
{% macro spark_build_snapshot_staging_table(strategy, sql, target_relation) -%}
    {%- set vista = api.Relation.create(
        identifier=target_relation.identifier ~ '__dbt_tmp', type='view'
    ) -%}
    {%- call statement('build_snapshot_staging_relation') -%}
        create or replace temporary view {{ vista }} as
        {{ snapshot_staging_table(strategy, sql, target_relation) }}
    {%- endcall -%}
    {{ return(vista) }}
{%- endmacro %}
