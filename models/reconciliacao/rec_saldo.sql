{{ config(pre_hook="{{ sem_lacos_aninhados() }}") }}

with

cargas as (
    select
        origem,
        extraido_em,
        _carga_id
    from {{ source('controle', 'cargas') }}
    where
        fonte = 'fintech'
        and origem in ('accounts', 'transactions')
        and status in ('ok', 'sem_novidade')
),

-- An extraction that landed one of the two alone says nothing of the other.
extracoes as (
    select
        extraido_em,
        max(_carga_id) filter (where origem = 'accounts') as carga_das_contas,
        max(_carga_id) filter (where origem = 'transactions') as carga_dos_lancamentos,
        row_number() over (order by extraido_em) as ordem
    from cargas
    group by extraido_em
    having count(distinct origem) = 2
),

ultima as (
    select coalesce(max(ordem), 0) as ordem
    from extracoes
),

-- The first extraction that saw what a load landed.
alcances as (
    select
        c._carga_id,
        min(x.ordem) as ordem
    from cargas as c
    inner join extracoes as x
        on
            c._carga_id
            <= case c.origem
                when 'accounts' then x.carga_das_contas
                else x.carga_dos_lancamentos
            end
    group by c._carga_id
),

estados_das_contas as (
    select
        id_conta,
        {{ limpar_texto('moeda') }} as moeda,
        case
            when saldo_fonte = cast(saldo_fonte as decimal(18, 2))
                then cast(saldo_fonte as decimal(18, 2))
            else cast(null as decimal(18, 2))
        end as saldo_fonte,
        motivos,
        _operacao,
        _carga_id,
        lead(_carga_id) over (partition by id_conta order by _carga_id) as _carga_seguinte
    from {{ ref('base_fintech__accounts') }}
),

contas as (
    select
        e.id_conta,
        e.moeda,
        e.saldo_fonte,
        d.ordem,
        coalesce(a.ordem, u.ordem + 1) as ordem_ate
    from estados_das_contas as e
    inner join alcances as d on e._carga_id = d._carga_id
    left join alcances as a on e._carga_seguinte = a._carga_id
    cross join ultima as u
    where
        e._operacao <> 'exclusao'
        and e.motivos is null
        and d.ordem < coalesce(a.ordem, u.ordem + 1)
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__transactions'), 'situacao', ref('situacao_transacao'),
        ['situacao', 'afeta_saldo']
    ) }}
),

lancamentos as (
    select
        b.id_transacao,
        b.id_conta,
        case
            when b.motivos is not null or b._operacao = 'exclusao' then 0
            when not coalesce({{ situacao_conta('s') }}, false) then 0
            when lower({{ sem_espacos_ao_redor('b.tipo') }}) = 'credit' then b.valor
            else -b.valor
        end as contado,
        case
            when b.motivos is not null or b._operacao = 'exclusao' then 0
            when s.situacao = 'pendente' and lower({{ sem_espacos_ao_redor('b.tipo') }}) = 'debit'
                then b.valor
            else 0
        end as pendente,
        b._operacao,
        b._carga_id
    from {{ ref('base_fintech__transactions') }} as b
    left join situacoes as s on b.situacao = s.texto
),

mudados as (
    select distinct id_transacao
    from lancamentos
    where _operacao <> 'inclusao'
),

sucessivos as (
    select
        l.id_conta,
        l.contado,
        l.pendente,
        l._carga_id,
        lead(l._carga_id) over (partition by l.id_transacao order by l._carga_id) as _carga_seguinte
    from lancamentos as l
    inner join mudados as m on l.id_transacao = m.id_transacao
),

-- A state of an entry adds to its account with the load that landed it, and takes it back with the load
-- that landed the next one. Nearly all entries have one state.
movimentos as (
    select
        l.id_conta,
        l.contado,
        l.pendente,
        l._carga_id
    from lancamentos as l
    left join mudados as m on l.id_transacao = m.id_transacao
    where m.id_transacao is null
    union all
    select
        id_conta,
        contado,
        pendente,
        _carga_id
    from sucessivos
    union all
    select
        id_conta,
        -contado as contado,
        -pendente as pendente,
        _carga_seguinte as _carga_id
    from sucessivos
),

por_extracao as (
    select
        m.id_conta,
        a.ordem,
        sum(m.contado) as contado,
        sum(m.pendente) as pendente
    from movimentos as m
    inner join alcances as a on m._carga_id = a._carga_id
    where m.id_conta is not null
    group by m.id_conta, a.ordem
),

-- Where the balance that is stated or that which is counted may be another than at the extraction before.
passos as (
    select
        id_conta,
        ordem
    from contas
    union
    select
        id_conta,
        ordem
    from por_extracao
),

acumulados as (
    select
        p.id_conta,
        p.ordem,
        sum(coalesce(e.contado, 0)) over (
            partition by p.id_conta
            order by p.ordem
            rows between unbounded preceding and current row
        ) as contado,
        sum(coalesce(e.pendente, 0)) over (
            partition by p.id_conta
            order by p.ordem
            rows between unbounded preceding and current row
        ) as pendente,
        lead(p.ordem) over (partition by p.id_conta order by p.ordem) as ordem_seguinte
    from passos as p
    left join por_extracao as e on p.id_conta = e.id_conta and p.ordem = e.ordem
),

comparados as (
    select
        c.id_conta,
        c.moeda,
        c.saldo_fonte,
        cast(coalesce(b.saldo, 0) + a.contado as decimal(18, 2)) as saldo_recalculado,
        cast(a.pendente as decimal(18, 2)) as valor_pendente,
        a.ordem,
        least(coalesce(a.ordem_seguinte, c.ordem_ate), c.ordem_ate) as ordem_ate
    from contas as c
    inner join acumulados as a
        on c.id_conta = a.id_conta and c.ordem <= a.ordem and c.ordem_ate > a.ordem
    left join {{ ref('stg_fintech__saldo_abertura') }} as b on c.id_conta = b.id_conta
),

classificados as (
    select
        *,
        cast(saldo_fonte - saldo_recalculado as decimal(18, 2)) as diferenca,
        case
            when saldo_fonte = saldo_recalculado then 'ok'
            when saldo_fonte - saldo_recalculado = -valor_pendente then 'explicada_por_pendentes'
            else 'divergente'
        end as classe
    from comparados
),

-- Of what ties only the newest extraction is listed.
listados as (
    select
        c.*,
        case when c.classe = 'ok' then greatest(c.ordem, u.ordem) else c.ordem end as ordem_de,
        u.ordem as ordem_da_ultima
    from classificados as c
    cross join ultima as u
),

rec_saldo as (
    select
        l.id_conta,
        {{ em_utc('x.extraido_em') }} as data_hora_extracao,
        l.ordem_da_ultima = x.ordem as ultima_extracao,
        l.moeda,
        l.saldo_fonte,
        l.saldo_recalculado,
        l.valor_pendente,
        l.diferenca,
        l.classe,
        {% if saldo_inclui_reservas() -%}
        coalesce(l.diferenca = -l.valor_pendente, false) as esperada
        {%- else -%}
        l.classe = 'ok' as esperada
        {%- endif %}
    from listados as l
    inner join extracoes as x on l.ordem_de <= x.ordem and l.ordem_ate > x.ordem
)

select * from rec_saldo
