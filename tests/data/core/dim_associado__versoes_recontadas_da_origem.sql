with

-- Every extraction up to the newest applied one, also one that the snapshot skipped.
extracoes as (
    select
        max(_carga_id) as _carga_id,
        {{ em_utc('extraido_em') }} as extraido_em,
        row_number() over (order by extraido_em) as ordem
    from {{ source('controle', 'cargas') }}
    where
        fonte = 'sicooperative'
        and origem = 'associado'
        and status in ('ok', 'sem_novidade')
        and extraido_em <= ({{ ultima_extracao_aplicada('snap_sicooperative__associado') }})
    group by extraido_em
),

-- Each state with the load at which the next one took its place.
estados as (
    select
        e.id_associado,
        e._operacao,
        e.data_nascimento,
        s.estado_civil_associado,
        s.escolaridade_associado,
        e._carga_id,
        lead(e._carga_id) over (partition by e.id_associado order by e._carga_id)
            as proxima_carga_id
    from {{ source('sicooperative', 'associado') }} as e
    inner join {{ ref('stg_sicooperative__associado') }} as s
        on e.id_associado = s.id_associado and e._carga_id = s._carga_id
),

-- The whole table as it stood at each extraction. The age is counted from years, months and days.
fotos as (
    select
        e.id_associado,
        x.ordem,
        x.extraido_em,
        e.estado_civil_associado,
        e.escolaridade_associado,
        case
            when e.data_nascimento <= cast(x.extraido_em as date)
                then
                    extract(year from x.extraido_em) - extract(year from e.data_nascimento)
                    - case
                        when
                            extract(month from x.extraido_em)
                            < extract(month from e.data_nascimento)
                            or (
                                extract(month from x.extraido_em)
                                = extract(month from e.data_nascimento)
                                and extract(day from x.extraido_em)
                                < extract(day from e.data_nascimento)
                            )
                            then 1
                        else 0
                    end
        end as anos
    from estados as e
    inner join extracoes as x
        on
            e._carga_id <= x._carga_id
            and (e.proxima_carga_id is null or e.proxima_carga_id > x._carga_id)
    where e._operacao <> 'exclusao'
),

-- An age that nobody reaches is none, as in dim_associado.
com_idade as (
    select
        id_associado,
        ordem,
        extraido_em,
        estado_civil_associado,
        escolaridade_associado,
        case when anos <= {{ idade_maxima() }} then anos end as idade_associado
    from fotos
),

comparadas as (
    select
        *,
        lag(ordem) over (partition by id_associado order by ordem) as ordem_anterior,
        lag(idade_associado) over (partition by id_associado order by ordem) as idade_anterior,
        lag(estado_civil_associado) over (partition by id_associado order by ordem)
            as estado_civil_anterior,
        lag(escolaridade_associado) over (partition by id_associado order by ordem)
            as escolaridade_anterior
    from com_idade
),

-- A version opens at the first sight, after an absence, and at each change.
recontadas as (
    select
        id_associado,
        idade_associado,
        estado_civil_associado,
        escolaridade_associado,
        extraido_em,
        row_number() over (partition by id_associado order by ordem) as versao
    from comparadas
    where
        ordem_anterior is null
        or ordem_anterior <> ordem - 1
        or idade_anterior is distinct from idade_associado
        or estado_civil_anterior is distinct from estado_civil_associado
        or escolaridade_anterior is distinct from escolaridade_associado
),

versoes as (
    select *
    from {{ ref('dim_associado') }}
    where sk_associado <> {{ chave_desconhecida() }}
),

dim_associado__versoes_recontadas_da_origem as (
    select
        coalesce(r.id_associado, v.id_associado) as id_associado,
        coalesce(r.versao, v.versao) as versao,
        r.extraido_em as aberta_em_recontada,
        v.valido_de,
        r.idade_associado as idade_recontada,
        v.idade_associado,
        r.estado_civil_associado as estado_civil_recontado,
        v.estado_civil_associado,
        r.escolaridade_associado as escolaridade_recontada,
        v.escolaridade_associado
    from recontadas as r
    full join versoes as v on r.id_associado = v.id_associado and r.versao = v.versao
    where
        r.id_associado is null
        or v.id_associado is null
        or (r.versao > 1 and r.extraido_em <> v.valido_de)
        or r.idade_associado is distinct from v.idade_associado
        or r.estado_civil_associado is distinct from v.estado_civil_associado
        or r.escolaridade_associado is distinct from v.escolaridade_associado
)

select * from dim_associado__versoes_recontadas_da_origem
