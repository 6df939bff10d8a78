{#- The tables whose rows are of a day: each with its key, and the day of a row. -#}
{%- set tabelas = {
    'transactions': ('id_transacao', data_local(em_utc('e.created_at'))),
    'payments': ('id_pagamento', data_local(em_utc('e.created_at'))),
    'loan_payments': ('id_parcela', 'coalesce(' ~ data_local(em_utc('e.paid_at')) ~ ', e.due_date)'),
    'third_party_calls': ('id_chamada', 'cast(' ~ em_utc('e.called_at') ~ ' as date)'),
} -%}
with

cargas as (
    select * from {{ source('controle', 'cargas') }}
),

extracoes as (
    select
        origem,
        _carga_id,
        {{ em_utc('extraido_em') }} as extraido_em,
        lag({{ em_utc('extraido_em') }}) over (partition by origem order by _carga_id) as anterior_em,
        row_number() over (partition by origem order by _carga_id desc) as do_fim
    from cargas
    where fonte = 'fintech' and extraido_em is not null and status in ('ok', 'sem_novidade')
),

-- Before the day of the extraction before, all was read once. That day itself had still to end.
ultimas as (
    select
        origem,
        _carga_id,
        extraido_em,
        {{ data_local('anterior_em') }} as dia_em_curso
    from extracoes
    where do_fim = 1 and anterior_em is not null
),

estados as (
    {%- for tabela, (chave, dia) in tabelas.items() %}
    select
        '{{ tabela }}' as tabela,
        e.{{ chave }} as id,
        e._operacao,
        e._carga_id,
        {{ dia }} as data
    from {{ source('fintech', tabela) }} as e
    where
        e.{{ chave }} in (
            select m.{{ chave }}
            from {{ source('fintech', tabela) }} as m
            where m._carga_id in (select u._carga_id from ultimas as u where u.origem = '{{ tabela }}')
        )
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

em_ordem as (
    select
        e.tabela,
        e.id,
        e.data,
        u.dia_em_curso,
        u.extraido_em,
        u._carga_id,
        max(case when e._carga_id = u._carga_id then e._operacao end) over (
            partition by e.tabela, e.id
        ) as operacao,
        row_number() over (partition by e.tabela, e.id order by e._carga_id desc) as do_fim
    from estados as e
    inner join ultimas as u on e.tabela = u.origem
),

-- A row that was moved changes both days, that where it was and that where it is. A deletion lands the
-- key alone: its day is that of the state before.
dias_de_cada_linha as (
    select distinct
        tabela,
        id,
        data,
        operacao,
        extraido_em,
        _carga_id
    from em_ordem
    where do_fim <= 2 and data < dia_em_curso
),

rec_dias_alterados as (
    select
        'fintech' as fonte,
        tabela,
        data,
        count(*) filter (where operacao in ('inclusao', 'retorno')) as linhas_novas,
        count(*) filter (where operacao = 'alteracao') as linhas_alteradas,
        count(*) filter (where operacao = 'exclusao') as linhas_excluidas,
        extraido_em,
        _carga_id
    from dias_de_cada_linha
    group by tabela, data, extraido_em, _carga_id
)

select * from rec_dias_alterados
