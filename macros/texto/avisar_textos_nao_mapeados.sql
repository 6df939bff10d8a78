{#
    After a build: one warning for each canonical list, with the typed texts that it does not map,
    the most frequent first. They are NAO MAPEADO in the warehouse until the seed names them. Of a
    text the beginning is shown, and `?` for what a terminal might obey.
#}
{% macro avisar_textos_nao_mapeados() %}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}{{ return('') }}{%- endif -%}
    {%- set nos = graph.nodes.values() | selectattr('name', 'equalto', 'stg_sicooperative__associado') -%}
    {%- for no in nos if no.unique_id in selected_resources
        and adapter.get_relation(no.database, no.schema, no.name) is not none -%}
        {%- for coluna, seed in [
            ('estado_civil', 'mapa_estado_civil'), ('escolaridade', 'mapa_escolaridade'),
        ] -%}
            {%- set digitado = 'escolaridade_digitada' if coluna == 'escolaridade'
                else 'estado_civil_digitado' -%}
            {%- set consulta -%}
                select
                    left({{ espacos_simples(digitado) }}, 60) as texto,
                    count(*) as vezes
                from {{ no.relation_name }}
                where {{ coluna }}_associado = 'NAO MAPEADO'
                group by left({{ espacos_simples(digitado) }}, 60)
                order by vezes desc, texto
                limit 20
            {%- endset -%}
            {%- set textos = [] -%}
            {%- for linha in run_query(consulta).rows -%}
                {%- set texto = modules.re.sub("[^\\w ()/.,'-]", '?', linha[0]) -%}
                {%- do textos.append("'" ~ texto | trim ~ "' (" ~ linha[1] ~ ')') -%}
            {%- endfor -%}
            {%- if textos -%}
                {%- do exceptions.warn(
                    coluna ~ ': no canonical value for ' ~ textos | join(', ')
                    ~ '. Add them to the seed ' ~ seed ~ ', then run `make rebuild`.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('') }}
{% endmacro %}
