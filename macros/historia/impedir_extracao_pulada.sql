{#
    A snapshot run applies one extraction. A build that finds several waiting would leave history
    behind the facts, so it stops at once and says what to run.
#}
{% macro impedir_extracao_pulada() %}
    {%- if not execute or flags.WHICH != 'build' -%}{{ return('') }}{%- endif -%}
    {%- for no in graph.nodes.values() if no.resource_type == 'snapshot'
        and no.unique_id in selected_resources -%}
        {%- set meta = no.config.meta -%}
        {%- set comando = '.venv-spark/bin/lastro lake --replay' if target.type == 'spark'
            else '.venv/bin/lastro snapshot' -%}
        {%- set consulta -%}
            select count(distinct c.extraido_em)
            from {{ source('controle', 'cargas') }} as c
            where
                c.fonte = '{{ meta.fonte }}'
                and c.origem = '{{ meta.origem }}'
                and c.status in ('ok', 'sem_novidade')
                and c.extraido_em > coalesce(
                    ({{ ultima_extracao_aplicada(no.name) }}),
                    cast('0001-01-01 00:00:00+00' as {{ tipo('timestamptz') }})
                )
        {%- endset -%}
        {%- set esperam = run_query(consulta).rows[0][0] | int -%}
        {%- if esperam > 1 -%}
            {{ exceptions.raise_compiler_error(
                esperam ~ ' extractions of ' ~ meta.fonte ~ '.' ~ meta.origem ~ ' wait for the '
                ~ 'snapshot, and a build applies one. Run `' ~ comando ~ '`, which '
                ~ 'replays them in order, then build again.'
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return('') }}
{% endmacro %}
