{#
    The layer of the lake to which a schema belongs, which is the folder of its files: `raw` is what
    loads and builds note, `refined` what one area reads, `curated` all between. Rights and lifecycle
    of a bucket can so be set for a layer.
#}
{% macro camada_do_lago(esquema) -%}
    {%- set nome = modules.re.sub(
        '^conhecido_ate_[0-9t_]+_', '', esquema[prefixo_de_esquemas() | length:]
    ) -%}
    {%- if nome == 'controle' or nome.startswith('raw_') -%}{{ return('raw') }}{%- endif -%}
    {%- for no in graph.nodes.values() if area_do_mart(no) == nome -%}
        {{ return('refined') }}
    {%- endfor -%}
    {{ return('curated') }}
{%- endmacro %}

{#
    Where the files of a table or view lie. Each is told so by itself: Iceberg's catalogue on
    PostgreSQL passes over the location of a namespace.
#}
{% macro lugar_no_lago(esquema, nome) -%}
    {{ return(texto_literal(
        [env_var('LASTRO_LAKE_WAREHOUSE').rstrip('/'), camada_do_lago(esquema), esquema, nome] | join('/')
    )) }}
{%- endmacro %}

{#
    For `dbt run-operation`: the views that people read. What stands in their namespaces and is none
    of them goes first, as somebody may not see it any more.
#}
{% macro fazer_visoes(esquemas, ficam, comandos) -%}
    {%- for esquema in esquemas -%}
        {%- for linha in run_query('show views in ' ~ esquema).rows
            if not linha[2] and esquema ~ '.' ~ linha[1] not in ficam -%}
            {%- do run_query('drop view ' ~ esquema ~ '.' ~ linha[1]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ executar_no_lago(comandos) }}
{%- endmacro %}

{# For `dbt run-operation`: statements that only a session of Spark can run, such as procedures. #}
{% macro executar_no_lago(comandos) -%}
    {%- for comando in comandos -%}
        {%- do run_query(comando) -%}
    {%- endfor -%}
{%- endmacro %}
