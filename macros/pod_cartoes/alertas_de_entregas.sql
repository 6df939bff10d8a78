{# A share of the lines of a file, in percent, for people to read. #}
{% macro percentual(linhas, de) -%}
    cast(coalesce(100 * {{ razao(linhas, de) }}, 0) as decimal(5, 2))
{%- endmacro %}

{# Whether a count is more than so many percent of the lines of its file; exactly, not rounded. #}
{% macro acima_do_limite(linhas, limite) -%}
    {%- set percentual = limite | string | trim -%}
    {%- if not modules.re.fullmatch('[0-9]+([.][0-9]+)?', percentual) -%}
        {{ exceptions.raise_compiler_error(
            "A limit of alerta_quarentena, alerta_duplicadas or alerta_orfas is a percentage such"
            ~ " as 5 or 2.5, not '" ~ percentual ~ "'."
        ) }}
    {%- endif -%}
    100 * {{ linhas }} > {{ percentual }} * linhas_arquivo
{%- endmacro %}

{#
    After a build: what was set aside, duplicated and orphaned of all deliveries in a line, and a
    warning for each delivery of which it is more than the limits. Only SQL knows it, so no load can
    say it. `lastro status` says it again, of every delivery.
#}
{% macro avisar_entregas_suspeitas() %}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}{{ return('') }}{%- endif -%}
    {%- set nos = graph.nodes.values() | selectattr('name', 'equalto', 'quarentena_entregas') -%}
    {%- for no in nos if no.unique_id in selected_resources
        and adapter.get_relation(no.database, no.schema, no.alias) is not none -%}
        {%- set consulta -%}
            select
                count(*),
                sum(linhas_arquivo),
                {% for classe in ['rejeitadas', 'quarentena', 'duplicadas', 'orfas'] -%}
                {{ percentual('sum(linhas_' ~ classe ~ ')', 'sum(linhas_arquivo)') }}
                {%- if not loop.last %}, {% endif %}
                {% endfor %}
            from {{ no.relation_name }}
        {%- endset -%}
        {%- set de_todas = run_query(consulta).rows[0] -%}
        {%- if de_todas[0] -%}
            {%- do log(
                'Deliveries of pod_cartoes: ' ~ de_todas[0] ~ ' with ' ~ de_todas[1] ~ ' lines; '
                ~ de_todas[2] ~ ' % rejected, ' ~ de_todas[3] ~ ' % in quarantine, '
                ~ de_todas[4] ~ ' % duplicates, ' ~ de_todas[5] ~ ' % orphans. Each of them:'
                ~ ' lastro status', info=true
            ) -%}
        {%- endif -%}
        {%- set suspeitas -%}
            select
                origem,
                alertas,
                percentual_quarentena,
                percentual_duplicado,
                percentual_orfao
            from {{ no.relation_name }}
            where alertas is not null
            order by _carga_id desc
        {%- endset -%}
        {%- for origem, alertas, quarentena, duplicado, orfao in run_query(suspeitas).rows -%}
            {%- set ditos = [] -%}
            {%- for nome, dito in {
                'quarentena': quarentena ~ ' % in quarantine',
                'duplicadas': duplicado ~ ' % duplicates of rows of other lines or files',
                'orfas': orfao ~ ' % payments without their invoice',
            }.items() if nome in alertas.split('; ') -%}
                {%- do ditos.append(dito) -%}
            {%- endfor -%}
            {%- do exceptions.warn(
                origem ~ ': ' ~ ditos | join(', ') ~ " of its lines. See docs/operations.md, 'Shares"
                ~ " of a delivery'."
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('') }}
{% endmacro %}
