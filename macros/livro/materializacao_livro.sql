{#
    The tables of a book. A run computes the ref_dates that the table does not hold, and those whose
    inputs or whose query changed since, one by one and in batches of customers, so that memory does
    not grow with either; the others are not touched. Rows go straight into the table (dbt's
    incremental strategies write them twice), and what was computed is noted in int_livro__calculados,
    all in one transaction: a build that fails leaves the book as it was.
#}
{% materialization livro, default -%}
    {%- set alvo = this.incorporate(type='table') -%}
    {%- set existente = load_cached_relation(this) -%}
    {%- set colunas = model.columns.keys() | join(', ') -%}
    {%- set faturas_por_lote = config.get('meta', {}).get('faturas_por_lote') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {#- a statement begins the transaction, which run_query would not -#}
    {%- call statement('inicio') -%}
        select 1
    {%- endcall -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do get_assert_columns_equivalent(sql) -%}
    {%- set nova = livro_preparar_tabela(alvo, existente) -%}
    {#- the query's own text, and the code of the tables that it reads: of these only some columns
        are in the fingerprint of a ref_date -#}
    {%- set consulta = local_md5(sql ~ impressao_do_codigo(model)) -%}
    {%- set a_calcular = pares_a_calcular(alvo.identifier, consulta)
        if config.get('meta', {}).get('compara_com_a_anterior')
        else todas_a_calcular(alvo.identifier, consulta) if livro_de_todas_as_datas()
        else livro_a_calcular(alvo.identifier, consulta) -%}

    {%- if a_calcular -%}
        {%- if not nova -%}
            {%- do livro_esvaziar(alvo, a_calcular) -%}
        {%- endif -%}
        {%- for item in a_calcular -%}
            {%- set lotes = 1 if not faturas_por_lote
                else [(item.faturas / faturas_por_lote) | round(0, 'ceil') | int, 1] | max -%}
            {%- do log(
                alvo.identifier ~ ' ' ~ item.ref_date ~ ': ' ~ item.motivo
                ~ (' (' ~ item.faturas ~ ' invoices)' if item.faturas else ''),
                info=true,
            ) -%}
            {%- for lote in range(lotes) -%}
                {%- do run_query(
                    'insert into ' ~ alvo ~ livro_destino(colunas, item.ref_date, lote)
                    ~ ' select ' ~ colunas ~ ' from ('
                    ~ sql_do_lote(sql, item, lote, lotes) ~ '\n) as lote'
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}

    {%- call statement('main') -%}
        {{ livro_registrar(alvo.identifier, a_calcular) }}
    {%- endcall -%}

    {%- if nova -%}
        {%- do create_indexes(alvo) -%}
        {%- do persist_docs(alvo, model) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [alvo]}) }}
{%- endmaterialization %}

{#
    Makes the table from its contract where it is missing, or where its columns are others than the
    contract's; empties it on --full-refresh. What int_livro__calculados says of it is forgotten then.
    Answers whether the table is new or empty.
#}
{% macro livro_preparar_tabela(alvo, existente) -%}
    {%- set iguais = existente is not none and existente.is_table
        and adapter.get_columns_in_relation(existente) | map(attribute='name') | list
        == model.columns.keys() | list -%}
    {%- if iguais and not should_full_refresh() -%}{{ return(false) }}{%- endif -%}
    {%- if iguais -%}
        {%- do run_query('truncate table ' ~ alvo) -%}
    {%- else -%}
        {%- if existente is not none -%}{%- do adapter.drop_relation(existente) -%}{%- endif -%}
        {%- do run_query(
            'create table ' ~ alvo ~ get_table_columns_and_constraints() ~ livro_disposicao(alvo)
        ) -%}
    {%- endif -%}
    {#- of its parts, too, which were tables where it was a view -#}
    {%- set esquecidos = [alvo.identifier]
        + config.get('meta', {}).get('reune', {}).get('partes', []) -%}
    {%- do run_query(
        'delete from ' ~ ref('int_livro__calculados')
        ~ " where livro in ('" ~ esquecidos | join("', '") ~ "')"
    ) -%}
    {{ return(true) }}
{%- endmacro %}

{# Whether the table at hand has no ref_date: it is of all of them, and computed whole. #}
{% macro livro_de_todas_as_datas() -%}
    {{ return(config.get('meta', {}).get('de_todas_as_datas', false)) }}
{%- endmacro %}

{# Takes out the ref_dates that are computed anew. #}
{% macro livro_esvaziar(alvo, a_calcular) -%}
    {{ return(adapter.dispatch('livro_esvaziar', 'lastro')(alvo, a_calcular)) }}
{%- endmacro %}

{% macro default__livro_esvaziar(alvo, a_calcular) -%}
    {%- set datas = a_calcular | map(attribute='ref_date') | join("', '") -%}
    {%- set quais = 'true' if livro_de_todas_as_datas() else "ref_date in ('" ~ datas ~ "')" -%}
    {%- do run_query('delete from ' ~ alvo ~ ' where ' ~ quais) -%}
{%- endmacro %}

{#
    Spark has no transaction in which to empty and to fill: the first batch of a ref_date takes the
    place of all that stands of it. A run that is killed between two batches has noted nothing, and
    the next one computes the ref_date again.
#}
{% macro spark__livro_esvaziar(alvo, a_calcular) -%}
{%- endmacro %}

{# What stands between the table's name and the query in an insert. #}
{% macro livro_destino(colunas, ref_date, lote) -%}
    {{ return(adapter.dispatch('livro_destino', 'lastro')(colunas, ref_date, lote)) }}
{%- endmacro %}

{% macro default__livro_destino(colunas, ref_date, lote) -%}
    {{ return(' (' ~ colunas ~ ')') }}
{%- endmacro %}

{% macro spark__livro_destino(colunas, ref_date, lote) -%}
    {%- set quais = 'true' if livro_de_todas_as_datas()
        else "ref_date = cast('" ~ ref_date ~ "' as date)" -%}
    {{ return(' (' ~ colunas ~ ')' if lote else ' replace where ' ~ quais) }}
{%- endmacro %}

{# How the table of a book lies on disk. #}
{% macro livro_disposicao(alvo) -%}
    {{ return(adapter.dispatch('livro_disposicao', 'lastro')(alvo)) }}
{%- endmacro %}

{% macro default__livro_disposicao(alvo) -%}
    {{ return('') }}
{%- endmacro %}

{% macro spark__livro_disposicao(alvo) -%}
    {{ return(
        ' using iceberg' ~ ('' if livro_de_todas_as_datas() else ' partitioned by (ref_date)')
        ~ ' location ' ~ lugar_no_lago(alvo.schema, alvo.identifier) ~ ' ' ~ comment_clause()
    ) }}
{%- endmacro %}

{# The ref_dates to compute, newest first, each with the reason and the fingerprint to note. #}
{% macro livro_a_calcular(livro, consulta) -%}
    {%- set comparacao -%}
        select
            cast(r.ref_date as {{ dbt.type_string() }}),
            cast(r.faturas as {{ dbt.type_string() }}),
            '{{ consulta }}:' || cast(r.impressao as {{ dbt.type_string() }})
            || case when r.ha_faturas then '' else ' of none' end,
            c.impressao
        from {{ ref('int_livro__ref_datas') }} as r
        left join {{ ref('int_livro__calculados') }} as c
            on r.ref_date = c.ref_date and c.livro = '{{ livro }}'
        order by r.ref_date desc
    {%- endset -%}
    {%- set a_calcular = [] -%}
    {%- for ref_date, faturas, impressao, gravada in run_query(comparacao).rows
        if impressao != gravada -%}
        {%- do a_calcular.append({
            'ref_date': ref_date | string,
            'faturas': faturas | int,
            'impressao': impressao,
            'motivo': motivo_de_calcular(gravada, consulta, 'its invoices or payments changed'),
        }) -%}
    {%- endfor -%}
    {{ return(a_calcular) }}
{%- endmacro %}

{#
    What the tables of the books note of themselves: `do_cliente`, by ref_date what those of the customer
    book computed it from, in the order of time; `gravadas`, what a table itself notes of its ref_dates.
#}
{% macro livro_anotado(livro) -%}
    {%- set calculados -%}
        select
            cast(ref_date as {{ dbt.type_string() }}),
            livro,
            impressao
        from {{ ref('int_livro__calculados') }}
        order by ref_date, livro
    {%- endset -%}
    {%- set do_cliente, gravadas = {}, {} -%}
    {%- for ref_date, de_livro, impressao in run_query(calculados).rows -%}
        {%- if de_livro == livro -%}
            {%- do gravadas.update({ref_date: impressao}) -%}
        {%- elif de_livro.startswith('book_fatura_cliente') -%}
            {%- do do_cliente.setdefault(ref_date, []).append(de_livro ~ impressao) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return({'do_cliente': do_cliente, 'gravadas': gravadas}) }}
{%- endmacro %}

{#
    The same for a table that compares each ref_date of the customer book with the one before: its
    inputs are what the book's tables say they computed both from.
#}
{% macro pares_a_calcular(livro, consulta) -%}
    {%- set anotado = livro_anotado(livro) -%}
    {%- set a_calcular = [] -%}
    {%- set datas = anotado.do_cliente.keys() | list -%}
    {%- for ref_date in datas[1:] -%}
        {%- set anterior = datas[loop.index0] -%}
        {%- set impressao = consulta ~ ':' ~ local_md5(
            anterior ~ anotado.do_cliente[anterior] | join ~ anotado.do_cliente[ref_date] | join
        ) -%}
        {%- set gravada = anotado.gravadas.get(ref_date) -%}
        {%- if impressao != gravada -%}
            {%- do a_calcular.append({
                'ref_date': ref_date,
                'ref_date_anterior': anterior,
                'impressao': impressao,
                'motivo': motivo_de_calcular(gravada, consulta, 'the book changed'),
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(a_calcular) }}
{%- endmacro %}

{#
    The same for a table that is of all ref_dates at once: computed whole, and noted under the newest, when
    the rows of use of the modelling sample change, or what the book computed their ref_dates from.
#}
{% macro todas_a_calcular(livro, consulta) -%}
    {%- set anotado = livro_anotado(livro) -%}
    {%- set amostra -%}
        select
            cast(ref_date as {{ dbt.type_string() }}),
            cast(
                sum({{ hash_de_linha(['ref_date', 'id_cliente', 'alvo', 'particao']) }})
                as {{ dbt.type_string() }}
            )
        from {{ ref('amostra_modelagem') }}
        where exclusao is null
        group by ref_date
        order by ref_date
    {%- endset -%}
    {%- set entradas = [] -%}
    {%- for ref_date, impressao in run_query(amostra).rows -%}
        {%- do entradas.extend([ref_date, impressao] + anotado.do_cliente.get(ref_date, [])) -%}
    {%- endfor -%}
    {%- set impressao = consulta ~ ':' ~ local_md5(entradas | join(' ')) -%}
    {%- set gravada = anotado.gravadas.values() | list | last -%}
    {%- if not anotado.do_cliente or impressao == gravada -%}{{ return([]) }}{%- endif -%}
    {{ return([{
        'ref_date': anotado.do_cliente.keys() | list | last,
        'impressao': impressao,
        'motivo': motivo_de_calcular(
            gravada or none, consulta, 'the sample or the book changed'
        ),
    }]) }}
{%- endmacro %}

{# Why a ref_date is computed, in words. #}
{% macro motivo_de_calcular(gravada, consulta, entradas) -%}
    {{ return(
        'missing' if gravada is none
        else 'its query changed' if gravada.split(':')[0] != consulta
        else entradas
    ) }}
{%- endmacro %}

{# SQL that notes the computed ref_dates; it leaves the others as they are. #}
{% macro livro_registrar(livro, calculadas) -%}
    {%- if not calculadas -%}
        select 1
    {%- else -%}
        {%- set linhas = [] -%}
        {%- for item in calculadas -%}
            {%- do linhas.append([
                "'" ~ livro ~ "'", "cast('" ~ item.ref_date ~ "' as date)",
                "'" ~ item.impressao ~ "'", inicio_da_corrida(),
            ]) -%}
        {%- endfor -%}
        {{ substituir_linhas(
            ref('int_livro__calculados'),
            ['livro'] if livro_de_todas_as_datas() else ['livro', 'ref_date'],
            "'" ~ livro ~ "'",
            ['livro', 'ref_date', 'impressao', 'calculado_em'], linhas
        ) }}
    {%- endif -%}
{%- endmacro %}

{# Tells dbt what the materialisation reads and writes besides the query of the model. #}
{% macro livro_depende_de() -%}
-- depends_on: {{ ref('int_livro__ref_datas') }}
-- depends_on: {{ ref('int_livro__calculados') }}
{%- endmacro %}
