with

vigentes as (
    select id_usuario
    from {{ ref('stg_fintech__users') }}
    where excluido_na_fonte_em is null
),

-- One whose newest state was set aside keeps the version that is open.
em_quarentena as (
    select distinct id_usuario
    from {{ ref('base_fintech__users') }}
    where _classe = 'quarentena'
),

abertas as (
    select
        id_usuario,
        count(*) as versoes_abertas
    from {{ ref('dim_usuario') }}
    where registro_ativo and sk_usuario <> {{ chave_desconhecida() }}
    group by id_usuario
),

dim_usuario__um_aberto_por_usuario_vigente as (
    select
        coalesce(v.id_usuario, a.id_usuario) as id_usuario,
        v.id_usuario is not null as vigente_na_origem,
        coalesce(a.versoes_abertas, 0) as versoes_abertas
    from vigentes as v
    full join abertas as a on v.id_usuario = a.id_usuario
    left join em_quarentena as q on a.id_usuario = q.id_usuario
    where
        (v.id_usuario is null and q.id_usuario is null)
        or a.versoes_abertas is null
        or a.versoes_abertas <> 1
)

select * from dim_usuario__um_aberto_por_usuario_vigente
