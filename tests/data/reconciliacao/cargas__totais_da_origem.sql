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
),

armazem as (
    select
        'associado' as origem,
        count(*) as linhas,
        cast(null as decimal(25, 2)) as valor
    from associados
    where ordem = 1 and _operacao <> 'exclusao'
    union all
    select
        'conta' as origem,
        count(*) as linhas,
        cast(null as decimal(25, 2)) as valor
    from {{ ref('stg_sicooperative__conta') }}
    where not excluido_na_origem
    union all
    select
        'cartao' as origem,
        count(*) as linhas,
        cast(null as decimal(25, 2)) as valor
    from {{ ref('stg_sicooperative__cartao') }}
    where not excluido_na_origem
    union all
    select
        'movimentacao_cartao' as origem,
        coalesce(sum(linhas_staging + linhas_quarentena), 0) as linhas,
        coalesce(sum(valor_staging + valor_quarentena), 0) as valor
    from {{ ref('rec_movimentacoes') }}
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
