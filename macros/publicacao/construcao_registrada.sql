{#
    What `lastro publish` asks of a build: which loads it took, of which project, whether all tests
    passed, and what each public table held. A build of everything notes it in `controle`; part of
    one, or one with `conhecido_ate`, notes nothing.
#}
{% macro construcao_completa() -%}
    {%- if not execute or flags.WHICH != 'build' or flags.EMPTY or conhecido_ate() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- for no in graph.nodes.values()
        if no.resource_type in ('model', 'seed', 'snapshot', 'test')
        and no.config.enabled
        and no.unique_id not in selected_resources -%}
        {{ return(false) }}
    {%- endfor -%}
    {{ return(true) }}
{%- endmacro %}

{# On-run-start: a build that is killed leaves this row as it is, and nothing can be published. #}
{% macro iniciar_construcao() -%}
    {%- if not construcao_completa() -%}{{ return('') }}{%- endif -%}
    insert into {{ source('controle', 'construcoes') }}
    (_construcao_id, status, inicio, fim, ultima_carga, variaveis, projeto, mensagem)
    select
        '{{ invocation_id }}',
        'em_curso',
        {{ inicio_da_corrida() }},
        null,
        ({{ ultima_carga_que_conta() }}),
        {{ texto_literal(toyaml(invocation_args_dict.get('vars') or {}, sort_keys=true)) }},
        {{ texto_literal(tojson(impressao_do_projeto(), sort_keys=true)) }},
        null
{%- endmacro %}

{# On-run-end: what came of it, and what the public tables hold now. #}
{% macro concluir_construcao(resultados) -%}
    {%- if not construcao_completa() -%}{{ return('') }}{%- endif -%}
    {%- set falhas = [] -%}
    {%- for r in resultados if r.status | string not in ('success', 'pass', 'warn', 'no-op') -%}
        {%- do falhas.append(r.node.name ~ ' (' ~ r.status ~ ')') -%}
    {%- endfor -%}
    {%- do falhas.extend(interferencias()) -%}
    {#- before the tables are measured: what is written to one after the end was not -#}
    {%- set agora = modules.datetime.datetime.now(modules.pytz.utc) -%}
    {%- set impressoes = [] if falhas else impressoes_das_tabelas() -%}
    {%- set comandos = [] -%}
    {%- if impressoes -%}
        {%- set tabelas -%}
            insert into {{ source('controle', 'tabelas_construidas') }}
            (_construcao_id, tabela, linhas, valor, impressao, materializacao)
            values
            {%- for i in impressoes %}
            (
                '{{ invocation_id }}', '{{ i.tabela }}', {{ i.linhas }}, {{ i.valor }},
                '{{ i.impressao }}', '{{ i.materializacao }}'
            ){{ ',' if not loop.last }}
            {%- endfor %}
        {%- endset -%}
        {%- do comandos.append(tabelas) -%}
    {%- endif %}
    {%- set fim -%}
        update {{ source('controle', 'construcoes') }}
        set
            status = '{{ 'falhou' if falhas else 'ok' }}',
            fim = {{ instante_literal(agora) }},
            mensagem = {{ texto_literal(falhas | join(', ')) }}
        where _construcao_id = '{{ invocation_id }}'
    {%- endset -%}
    {%- do comandos.append(fim) -%}
    {{ em_sequencia(comandos) }}
{%- endmacro %}

{#
    What wrote to the warehouse while this build of everything ran, in words: of its models some may
    have been made before it and some after. On PostgreSQL nothing keeps others out, as dbt closes
    its connections between two models.
#}
{% macro interferencias() -%}
    {%- set consulta -%}
        select
            'load ' || cast(c.carga as {{ dbt.type_string() }}) || ' (came while it ran)'
        from ({{ ultima_carga_que_conta() }}) as c (carga)
        inner join {{ source('controle', 'construcoes') }} as esta
            on esta._construcao_id = '{{ invocation_id }}' and c.carga > esta.ultima_carga
        union all
        select 'another build (ran at the same time)'
        from {{ source('controle', 'construcoes') }} as esta
        where
            esta._construcao_id = '{{ invocation_id }}'
            and exists (
                select 1
                from {{ source('controle', 'construcoes') }} as outra
                where
                    outra._construcao_id <> esta._construcao_id
                    and (outra.inicio >= esta.inicio or outra.fim >= esta.inicio)
            )
    {%- endset -%}
    {{ return(run_query(consulta).columns[0].values() | list) }}
{%- endmacro %}

{# On-run-end, when that was noted: such a build does not pass for one that went well. #}
{% macro recusar_interferencias() -%}
    {%- if construcao_completa() and interferencias() -%}
        {{ exceptions.raise_compiler_error(
            'This build may have seen part of what changed while it ran: '
            ~ interferencias() | join(', ') ~ '. Nothing can be published or exported from it.'
            ~ ' Build again.'
        ) }}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}

{#
    The newest load whose rows or extraction a build has to take in: one that was refused or failed
    landed nothing; an extraction that found nothing new still is replayed, and may change ages.
#}
{% macro ultima_carga_que_conta() -%}
    select coalesce(max(_carga_id), 0)
    from {{ source('controle', 'cargas') }}
    where
        status = 'ok'
        or (status = 'sem_novidade' and extraido_em is not null)
        or (status = 'parcial' and gravadas > 0)
{%- endmacro %}

{#
    Rows, sum of the key amount (the model's `meta.valor`) and fingerprint of every public table, as
    `lastro publish` asks for them again (loaders/publicacao/construcao.py). What its parts hold,
    tables or views of it, is not asked twice.
#}
{% macro impressoes_das_tabelas() -%}
    {%- do run_query(fixar_sessao()) -%}
    {%- set impressoes = [] -%}
    {%- for no in graph.nodes.values()
        if no.resource_type == 'model' and no.access == 'public' and no.config.enabled
        and not no.config.meta.get('reune') -%}
        {%- set nome = no.schema ~ '.' ~ no.alias -%}
        {%- set valor = no.config.meta.get('valor') -%}
        {%- set consulta -%}
            select
                count(*) as linhas,
                cast({{ 'sum(' ~ valor ~ ')' if valor else 'null' }} as {{ dbt.type_string() }}) as valor,
                cast(
                    coalesce(sum({{ hash_de_linha(no.columns.keys() | list) }}), 0)
                    as {{ dbt.type_string() }}
                ) as impressao
            from {{ nome }}
        {%- endset -%}
        {%- set linha = run_query(consulta).rows[0] -%}
        {%- do impressoes.append({
            'tabela': no.schema[prefixo_de_esquemas() | length:] ~ '.' ~ no.alias,
            'linhas': linha[0],
            'valor': 'null' if linha[1] is none else linha[1],
            'impressao': linha[2],
            'materializacao': no.config.materialized,
        }) -%}
    {%- endfor -%}
    {{ return(impressoes) }}
{%- endmacro %}
