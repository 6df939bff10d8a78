{#
    Whoever builds owns what is built, and the server runs what stands there (views, triggers, checks)
    with the rights of whoever reads or writes it. So nobody builds over another's tables: a stronger
    user would run what a lesser one wrote, and the lesser one could replace nothing afterwards.
#}
{% macro impedir_construcao_alheia() -%}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {{ return(adapter.dispatch('impedir_construcao_alheia', 'lastro')()) }}
{%- endmacro %}

{% macro default__impedir_construcao_alheia() -%}
    {{ return('') }}
{%- endmacro %}

{% macro postgres__impedir_construcao_alheia() -%}
    {%- set esquemas = [] -%}
    {%- for no in graph.nodes.values()
        if no.resource_type in ('model', 'seed', 'snapshot') and no.config.enabled
        and no.schema not in esquemas -%}
        {%- do esquemas.append(no.schema) -%}
    {%- endfor -%}
    {%- set consulta -%}
        select n.nspname, c.relname, d.rolname, current_user
        from pg_catalog.pg_namespace as n
        inner join pg_catalog.pg_class as c on c.relnamespace = n.oid
        inner join pg_catalog.pg_roles as d on d.oid = c.relowner
        where
            n.nspname in ('{{ esquemas | join("', '") }}')
            and d.rolname <> current_user
            and not d.rolsuper
        order by 1, 2
        limit 1
    {%- endset -%}
    {%- for linha in run_query(consulta).rows -%}
        {{ exceptions.raise_compiler_error(
            linha[0] ~ '.' ~ linha[1] ~ ' belongs to ' ~ linha[2] ~ ', and what ' ~ linha[2]
            ~ ' wrote would run with the rights of ' ~ linha[3] ~ '. Build as ' ~ linha[2]
            ~ ' (LASTRO_PG_ROLE).'
        ) }}
    {%- endfor -%}
    {{ return('') }}
{%- endmacro %}
