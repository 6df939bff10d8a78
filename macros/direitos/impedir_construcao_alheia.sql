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
    {#- A role in which a superuser works is no fence: code that runs in it can leave it. -#}
    {%- set consulta -%}
        with objetos as (
            select n.nspname as nome, n.nspowner as dono, n.nspname
            from pg_catalog.pg_namespace as n
            union all
            select n.nspname || '.' || c.relname, c.relowner, n.nspname
            from pg_catalog.pg_class as c
            inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
        )
        select o.nome, d.rolname, session_user
        from objetos as o
        inner join pg_catalog.pg_roles as d on o.dono = d.oid
        where
            o.nspname in ('{{ esquemas | join("', '") }}')
            and not d.rolsuper
            and o.dono <> (
                select b.datdba from pg_catalog.pg_database as b where b.datname = current_database()
            )
            and (
                d.rolname <> current_user
                or current_user <> session_user
                and (
                    select s.rolsuper or s.rolcreaterole
                    from pg_catalog.pg_roles as s
                    where s.rolname = session_user
                )
            )
        order by 1
        limit 1
    {%- endset -%}
    {%- for linha in run_query(consulta).rows -%}
        {{ exceptions.raise_compiler_error(
            linha[0] ~ ' belongs to ' ~ linha[1] ~ ', and what ' ~ linha[1] ~ ' wrote would run '
            ~ 'with the rights of ' ~ linha[2] ~ '. Log in as ' ~ linha[1] ~ ', or as a member '
            ~ 'that is no superuser (LASTRO_PG_ROLE).'
        ) }}
    {%- endfor -%}
    {{ return('') }}
{%- endmacro %}
