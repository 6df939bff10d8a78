with

versoes as (
    select
        id_associado,
        versao,
        valido_de,
        valido_ate,
        lead(valido_de) over (partition by id_associado order by valido_de) as inicio_da_proxima
    from {{ ref('dim_associado') }}
),

-- What each extraction found of each associado, dated by the extraction and not by the snapshot.
achados as (
    select
        e.id_associado,
        e._operacao,
        {{ em_utc('c.extraido_em') }} as achado_em
    from {{ source('sicooperative', 'associado') }} as e
    inner join {{ source('controle', 'cargas') }} as c on e._carga_id = c._carga_id
    where e._operacao in ('exclusao', 'retorno')
),

dim_associado__lacuna_so_entre_exclusao_e_retorno as (
    select
        v.id_associado,
        v.versao,
        v.valido_de,
        v.valido_ate,
        v.inicio_da_proxima,
        x.achado_em is not null as comeca_em_exclusao,
        r.achado_em is not null as termina_em_retorno
    from versoes as v
    left join achados as x
        on
            v.id_associado = x.id_associado
            and x._operacao = 'exclusao'
            and v.valido_ate = x.achado_em
    left join achados as r
        on
            v.id_associado = r.id_associado
            and r._operacao = 'retorno'
            and v.inicio_da_proxima = r.achado_em
    where
        v.inicio_da_proxima < v.valido_ate
        or (
            v.inicio_da_proxima > v.valido_ate
            and (x.achado_em is null or r.achado_em is null)
        )
)

select * from dim_associado__lacuna_so_entre_exclusao_e_retorno
