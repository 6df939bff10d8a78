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

{# For `dbt run-operation`: statements that only a session of Spark can run, such as those of views. #}
{% macro executar_no_lago(comandos) -%}
    {%- for comando in comandos -%}
        {%- do run_query(comando) -%}
    {%- endfor -%}
{%- endmacro %}
