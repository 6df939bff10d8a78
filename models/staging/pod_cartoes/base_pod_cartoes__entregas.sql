with

cargas as (
    select * from {{ source('controle', 'cargas') }}
),

aceitas as (
    select
        c._carga_id,
        c.entidade,
        c.entrega,
        c.forma_decimal,
        c.forma_data,
        c.inicio as carregada_em,
        cast({{ dbt.dateadd('year', 5, em_utc('c.inicio')) }} as date) as data_maxima,
        lead(c.inicio) over (
            partition by c.entidade, c.entrega
            order by c._carga_id
        ) as substituida_em,
        lead(c._carga_id) over (
            partition by c.entidade, c.entrega
            order by c._carga_id
        ) as _carga_id_seguinte
    from cargas as c
    where
        c.fonte = 'pod_cartoes'
        and c.status = 'ok'
        and {{ conhecida('c') }}
),

base_pod_cartoes__entregas as (
    select
        _carga_id,
        entidade,
        entrega,
        forma_decimal,
        forma_data,
        data_maxima,
        _carga_id_seguinte is null as vigente,
        carregada_em,
        substituida_em
    from aceitas
)

select * from base_pod_cartoes__entregas
