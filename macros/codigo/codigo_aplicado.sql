{#
    An incremental model that has rows of other code is made anew, whole: rows that nothing new
    touches would keep what the code of their time made of them. By which code a table was written
    stands in `controle.codigos_aplicados`, noted in the transaction that writes it. A table of which
    nothing is noted, as of an older version, is made anew, too.
#}
{% macro should_full_refresh() -%}
    {%- set pedido = config.get('full_refresh') -%}
    {{ return((flags.FULL_REFRESH or codigo_mudou()) if pedido is none else pedido) }}
{%- endmacro %}

{# Whether the model at hand is an incremental one whose table was written by other code. #}
{% macro codigo_mudou() -%}
    {{ return(execute and codigo_mudou_de(model, load_cached_relation(this))) }}
{%- endmacro %}

{#
    The same of any model.

    Args:
        nodo: an entry of `graph.nodes`, or dbt's `model`.
        tabela: the relation that stands in its place, or none.
#}
{% macro codigo_mudou_de(nodo, tabela) -%}
    {%- if not guarda_linhas(nodo) or tabela is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set codigos = source('controle', 'codigos_aplicados') -%}
    {%- if load_relation(codigos) is none -%}
        {#- a command that makes no tables, on what an older version left -#}
        {{ return(true) }}
    {%- endif -%}
    {%- set consulta -%}
        select impressao
        from {{ codigos }}
        where tabela = '{{ tabela.schema }}.{{ tabela.identifier }}'
    {%- endset -%}
    {{ return(impressao_do_codigo(nodo) not in run_query(consulta).columns[0].values()) }}
{%- endmacro %}

{#
    Whether a model keeps rows from one run to the next. One that is never refreshed
    (`full_refresh: false`) says by itself what becomes of its rows.
#}
{% macro guarda_linhas(nodo) -%}
    {{ return(nodo.config.materialized == 'incremental' and nodo.config.get('full_refresh') is none) }}
{%- endmacro %}

{#
    For `lastro upgrade`: what other code wrote, as one line of JSON. `modelos`: tables that the next
    build makes anew, whole. `historias`: snapshots whose versions stay as they are.
#}
{% macro mostrar_codigos_mudados() -%}
    {%- set modelos, historias = [], [] -%}
    {%- for no in graph.nodes.values() if no.config.enabled -%}
        {%- set tabela = adapter.get_relation(no.database, no.schema, no.alias) -%}
        {%- if no.resource_type == 'model' and codigo_mudou_de(no, tabela) -%}
            {%- do modelos.append(no.schema ~ '.' ~ no.alias) -%}
        {%- elif no.resource_type == 'snapshot' and tabela is not none
            and codigo_da_historia(no.name) not in (none, impressao_do_codigo(no)) -%}
            {%- do historias.append(no.schema ~ '.' ~ no.alias) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ print(tojson({'modelos': modelos | sort, 'historias': historias | sort})) }}
{%- endmacro %}

{# Pre-hook of every model: says that an incremental one is made anew. #}
{% macro avisar_codigo_mudado() -%}
    {%- if codigo_mudou() and not flags.FULL_REFRESH -%}
        {%- do log(
            this.identifier ~ ': its code, or code upstream of it, is not that by which it was written;'
            ~ ' all of it is made anew',
            info=true,
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#
    Post-hook of every model: note, in the transaction that writes an incremental one, its code.
    A run with --empty made no rows to speak of.
#}
{% macro registrar_codigo() -%}
    {%- if execute and guarda_linhas(model) and not flags.EMPTY -%}
        {%- set codigos = source('controle', 'codigos_aplicados') -%}
        {%- set tabela = this.schema ~ '.' ~ this.identifier -%}
        {{ substituir_linhas(
            codigos, ['tabela'], "'" ~ tabela ~ "'", ['tabela', 'impressao', 'anotado_em'],
            [["'" ~ tabela ~ "'", "'" ~ impressao_do_codigo(model) ~ "'", inicio_da_corrida()]]
        ) }}
    {%- endif -%}
{%- endmacro %}
