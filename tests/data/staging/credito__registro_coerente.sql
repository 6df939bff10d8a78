with

registro as (
    select
        *,
        coalesce(ate_versao, 2147483647) as ultima_versao
    from {{ ref('esquema_evento') }}
),

sem_sentido as (
    select
        tipo_evento,
        campo,
        'versions or default' as problema
    from registro
    where
        desde_versao < 1
        or ultima_versao < desde_versao
        or (obrigatorio and padrao is not null)
        or campo = nome_anterior
),

duas_vezes as (
    select
        a.tipo_evento,
        a.campo,
        'two rows of one version' as problema
    from registro as a
    inner join registro as b
        on
            a.tipo_evento = b.tipo_evento
            and a.campo = b.campo
            and a.desde_versao < b.desde_versao
            and a.ultima_versao >= b.desde_versao
),

dois_sucessores as (
    select
        tipo_evento,
        nome_anterior as campo,
        'renamed to two names' as problema
    from registro
    where nome_anterior is not null
    group by tipo_evento, nome_anterior
    having count(*) > 1
),

-- The model follows three changes of name.
muitas_vezes as (
    select
        a.tipo_evento,
        a.campo,
        'renamed more than three times' as problema
    from registro as a
    inner join registro as b on a.tipo_evento = b.tipo_evento and a.campo = b.nome_anterior
    inner join registro as c on b.tipo_evento = c.tipo_evento and b.campo = c.nome_anterior
    inner join registro as d on c.tipo_evento = d.tipo_evento and c.campo = d.nome_anterior
    inner join registro as e on d.tipo_evento = e.tipo_evento and d.campo = e.nome_anterior
),

credito__registro_coerente as (
    select * from sem_sentido
    union all
    select * from duas_vezes
    union all
    select * from dois_sucessores
    union all
    select * from muitas_vezes
)

select * from credito__registro_coerente
