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
            select count(distinct e.extraido_em)
            from ({{ extracoes_a_espera(no.name, meta.fonte, meta.origem) }}) as e
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
