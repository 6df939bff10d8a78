with

-- Pairs of fields that a plain join by dashes, or by any one sign, would make equal.
pares as (
    select
        'a-1' as campo,
        '1' as outro
    union all
    select
        'a' as campo,
        '1-1' as outro
    union all
    select
        'a-1-' as campo,
        '1' as outro
    union all
    select
        'a-1' as campo,
        '-1' as outro
    union all
    select
        'a' as campo,
        '1:1-1' as outro
    union all
    select
        'a-1:1' as campo,
        '1' as outro
    union all
    select
        'a' as campo,
        '' as outro
    union all
    select
        '' as campo,
        'a' as outro
    union all
    select
        'a' as campo,
        cast(null as {{ dbt.type_string() }}) as outro
    union all
    select
        cast(null as {{ dbt.type_string() }}) as campo,
        'a' as outro
    union all
    select
        'a' as campo,
        '_dbt_utils_surrogate_key_null_' as outro
),

chaves as (
    select
        campo,
        outro,
        {{ chave_substituta(['campo', 'outro']) }} as chave
    from pares
),

colisoes as (
    select
        chave,
        min(campo) as campo,
        max(outro) as outro
    from chaves
    group by chave
    having count(*) > 1
),

-- Digests written out, so that a key is the same on every engine and in every version.
conhecidas as (
    select
        campo,
        outro,
        {{ chave_substituta(['campo']) }} as de_um_campo,
        {{ chave_substituta(['campo', 'outro']) }} as de_dois_campos
    from pares
    where campo = 'a-1' and outro = '1'
),

chaves__chave_substituta as (
    select
        campo,
        outro,
        'collision' as motivo
    from colisoes
    union all
    select
        campo,
        outro,
        'not the known digest' as motivo
    from conhecidas
    where
        de_um_campo <> cast('737c191a-ed52-450b-9c65-5083c9971bdd' as {{ tipo('uuid') }})
        or de_dois_campos <> cast('31d34dfa-596d-b2fe-15f0-86fc4197285e' as {{ tipo('uuid') }})
)

select * from chaves__chave_substituta
