with

aplicada as (
    select max(_carga_id) as _carga_id
    from {{ source('historia', 'extracoes_aplicadas') }}
    where snapshot = 'snap_sicooperative__associado'
),

estados as (
    select
        e.id_associado,
        e._operacao,
        row_number() over (partition by e.id_associado order by e._carga_id desc) as ordem
    from {{ source('sicooperative', 'associado') }} as e
    inner join aplicada on e._carga_id <= aplicada._carga_id
    where not ({{ motivos_dos_ids(['e.id_associado']).values() | join(' or ') }})
),

vigentes as (
    select id_associado
    from estados
    where ordem = 1 and _operacao <> 'exclusao'
),

abertas as (
    select
        id_associado,
        count(*) as versoes_abertas
    from {{ ref('dim_associado') }}
    where registro_ativo and sk_associado <> {{ chave_desconhecida() }}
    group by id_associado
),

dim_associado__um_aberto_por_associado_vigente as (
    select
        coalesce(v.id_associado, a.id_associado) as id_associado,
        v.id_associado is not null as vigente_na_origem,
        coalesce(a.versoes_abertas, 0) as versoes_abertas
    from vigentes as v
    full join abertas as a on v.id_associado = a.id_associado
    where
        v.id_associado is null
        or a.versoes_abertas is null
        or a.versoes_abertas <> 1
)

select * from dim_associado__um_aberto_por_associado_vigente
