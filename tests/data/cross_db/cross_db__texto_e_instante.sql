with

-- Points in time written with their zone, so that no session's zone has a say.
instantes as (
    select
        cast('2025-02-28 22:00:00-03' as {{ tipo('timestamptz') }}) as instante,
        cast('2025-03-01 01:00:00' as timestamp) as utc
    union all
    -- the hour that São Paulo lived twice when summer time ended
    select
        cast('2019-02-16 23:30:00-02' as {{ tipo('timestamptz') }}) as instante,
        cast('2019-02-17 01:30:00' as timestamp) as utc
    union all
    select
        cast('2024-02-29 23:59:59.999999+00' as {{ tipo('timestamptz') }}) as instante,
        cast('2024-02-29 23:59:59.999999' as timestamp) as utc
    union all
    select
        cast(null as {{ tipo('timestamptz') }}) as instante,
        cast(null as timestamp) as utc
),

-- Cut to the second, never rounded into the next day.
datas as (
    select
        cast('2025-12-31 23:59:59.999999' as timestamp) as momento,
        '2025-12-31T23:59:59' as iso
    union all
    select
        cast('1990-01-02 03:04:05' as timestamp) as momento,
        '1990-01-02T03:04:05' as iso
    union all
    select
        cast('2024-02-29 00:00:00' as timestamp) as momento,
        '2024-02-29T00:00:00' as iso
    union all
    select
        cast(null as timestamp) as momento,
        cast(null as {{ dbt.type_string() }}) as iso
),

textos as (
    select
        'a1-b22--c' as texto,
        'a1b22c' as sem_tracos,
        'a#-b#--c' as sem_numeros,
        'a1.b22.c' as com_pontos
    union all
    select
        '' as texto,
        '' as sem_tracos,
        '' as sem_numeros,
        '' as com_pontos
    union all
    select
        'ação' as texto,
        'ação' as sem_tracos,
        'ação' as sem_numeros,
        'ação' as com_pontos
    union all
    select
        cast(null as {{ dbt.type_string() }}) as texto,
        cast(null as {{ dbt.type_string() }}) as sem_tracos,
        cast(null as {{ dbt.type_string() }}) as sem_numeros,
        cast(null as {{ dbt.type_string() }}) as com_pontos
),

-- The digest of 'a' with and without dashes is one key, and its last digit makes another.
chaves as (
    select
        '0cc175b9c0f1b6a831c399e269772661' as hexadecimal,
        '0cc175b9-c0f1-b6a8-31c3-99e269772661' as com_tracos,
        '0cc175b9-c0f1-b6a8-31c3-99e269772662' as outra
),

cross_db__texto_e_instante as (
    select
        'em_utc' as nome_da_macro,
        cast(instante as {{ dbt.type_string() }}) as entrada,
        cast({{ em_utc('instante') }} as {{ dbt.type_string() }}) as obtido
    from instantes
    where {{ em_utc('instante') }} is distinct from utc
    union all
    select
        'data_hora_iso' as nome_da_macro,
        cast(momento as {{ dbt.type_string() }}) as entrada,
        {{ data_hora_iso('momento') }} as obtido
    from datas
    where {{ data_hora_iso('momento') }} is distinct from iso
    union all
    select
        'regexp_substituir' as nome_da_macro,
        texto as entrada,
        {{ regexp_substituir('texto', '-+', '.') }} as obtido
    from textos
    where
        {{ regexp_substituir('texto', '-', '') }} is distinct from sem_tracos
        or {{ regexp_substituir('texto', '[0-9]+', '#') }} is distinct from sem_numeros
        or {{ regexp_substituir('texto', '-+', '.') }} is distinct from com_pontos
    union all
    select
        'hash_em_chave' as nome_da_macro,
        hexadecimal as entrada,
        cast({{ hash_em_chave('hexadecimal') }} as {{ dbt.type_string() }}) as obtido
    from chaves
    where
        {{ hash_em_chave('hexadecimal') }} <> {{ hash_em_chave('com_tracos') }}
        or {{ hash_em_chave('hexadecimal') }} = {{ hash_em_chave('outra') }}
        or {{ hash_em_chave('cast(null as ' ~ dbt.type_string() ~ ')') }} is not null
        or {{ hash_em_chave("'00000000000000000000000000000000'") }} <> {{ chave_desconhecida() }}
)

select * from cross_db__texto_e_instante
