with

contadas as (
    select
        origem,
        linhas_origem,
        valor_origem,
        _carga_id,
        row_number() over (partition by origem order by _carga_id desc) as ordem
    from {{ source('controle', 'cargas') }}
    where fonte = 'sicooperative' and status in ('ok', 'sem_novidade')
),

associados as (
    select
        _operacao,
        row_number() over (partition by id_associado order by _carga_id desc) as ordem
    from {{ ref('stg_sicooperative__associado') }}
    where not {{ esquecido('id_associado') }}
),

-- What stands in staging, and what stands in quarantine.
vigentes as (
    select 'associado' as origem
    from associados
    where ordem = 1 and _operacao <> 'exclusao'
    union all
    select 'conta' as origem
    from {{ ref('stg_sicooperative__conta') }}
    where not excluido_na_origem and not {{ esquecido('id_conta') }}
    union all
    select 'cartao' as origem
    from {{ ref('stg_sicooperative__cartao') }}
    where not excluido_na_origem and not {{ esquecido('id_cartao') }}
    union all
    select 'associado' as origem
    from {{ ref('quarentena_associado') }}
    where not {{ esquecido('id_associado') }}
    union all
    select 'conta' as origem
    from {{ ref('quarentena_conta') }}
    where not {{ esquecido('id_conta') }}
    union all
    select 'cartao' as origem
    from {{ ref('quarentena_cartao') }}
    where not {{ esquecido('id_cartao') }}
),

armazem as (
    select
        o.origem,
        count(v.origem) as linhas,
        cast(null as decimal(25, 2)) as valor
    from (values ('associado'), ('conta'), ('cartao')) as o (origem)
    left join vigentes as v on o.origem = v.origem
    group by o.origem
    union all
    select
        'movimentacao_cartao' as origem,
        count(*) as linhas,
        coalesce(sum(valor_movimentacao), 0) as valor
    from {{ ref('base_sicooperative__movimentacao_cartao') }}
    where
        situacao in ('vigente', 'quarentena')
        and not {{ esquecido('id_movimentacao_cartao') }}
),

-- A load limited to recent days counts the rows of the source but does not add up their amounts.
cargas__totais_da_origem as (
    select
        c._carga_id,
        c.origem,
        c.linhas_origem,
        a.linhas as linhas_no_armazem,
        c.valor_origem,
        a.valor as valor_no_armazem
    from contadas as c
    left join armazem as a on c.origem = a.origem
    where
        c.ordem = 1
        and (
            a.origem is null
            or c.linhas_origem is null
            or c.linhas_origem <> a.linhas
            or c.valor_origem <> a.valor
        )
)

select * from cargas__totais_da_origem
