with

versoes as (
    select * from {{ ref('dim_usuario') }}
    where sk_usuario <> {{ chave_desconhecida() }}
),

perfis as (
    select * from {{ ref('base_fintech__user_profiles') }}
    where motivos is null and _operacao <> 'exclusao'
),

cargas as (
    select * from {{ source('controle', 'cargas') }}
),

em_ordem as (
    select
        id_usuario,
        versao,
        situacao_kyc,
        kyc_decidido_em,
        valido_ate,
        lag(situacao_kyc) over (partition by id_usuario order by versao) as anterior
    from versoes
),

numeradas as (
    select
        *,
        sum(case when situacao_kyc = anterior then 0 else 1 end) over (
            partition by id_usuario
            order by versao
            rows between unbounded preceding and current row
        ) as periodo,
        row_number() over (partition by id_usuario order by versao desc) as do_fim
    from em_ordem
),

-- Versions in a row with one status of identification tell of one decision.
periodos as (
    select
        id_usuario,
        periodo,
        situacao_kyc,
        max(case when do_fim = 1 then kyc_decidido_em end) as kyc_decidido_em,
        max(valido_ate) as valido_ate,
        min(do_fim) = 1 as e_o_ultimo
    from numeradas
    group by id_usuario, periodo, situacao_kyc
),

estados as (
    select
        p.id_usuario,
        p.decidido_em,
        p._carga_id,
        {{ em_utc('c.extraido_em') }} as extraido_em
    from perfis as p
    inner join cargas as c on p._carga_id = c._carga_id
),

-- The dimension knows the newest date only: that of an earlier decision is what the profile said last
-- before the status changed.
com_estado as (
    select
        p.id_usuario,
        p.situacao_kyc,
        p.e_o_ultimo,
        case when p.e_o_ultimo then p.kyc_decidido_em else e.decidido_em end as decidido_em,
        row_number() over (
            partition by p.id_usuario, p.periodo
            order by e.extraido_em desc nulls last, e._carga_id desc
        ) as ordem
    from periodos as p
    left join estados as e
        on p.id_usuario = e.id_usuario and not p.e_o_ultimo and p.valido_ate > e.extraido_em
    where p.situacao_kyc in ('aprovado', 'recusado')
),

int_kyc__decisoes as (
    select
        id_usuario,
        situacao_kyc,
        decidido_em,
        max(case when e_o_ultimo then 1 else 0 end) = 0 as reconstruida
    from com_estado
    where ordem = 1 and (decidido_em is not null or e_o_ultimo)
    group by id_usuario, situacao_kyc, decidido_em
)

select * from int_kyc__decisoes
