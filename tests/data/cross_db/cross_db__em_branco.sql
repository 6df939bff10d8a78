with

casos as (
    {% for texto in [
        'cast(null as ' ~ dbt.type_string() ~ ')', "''", "' '", "'   '", 'chr(9)',
        "' ' || chr(9) || chr(160) || ' '",
    ] -%}
    select
        {{ texto }} as texto,
        true as esperado
    union all
    {% endfor -%}
    {% for texto in [
        "'0'", "'-'", "' a'", "'a '", "' a b '", "chr(9) || '.'", "chr(160) || '1-11'", "''''",
        "'NULL'",
    ] -%}
    select
        {{ texto }} as texto,
        false as esperado
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

obtidos as (
    select
        texto,
        esperado,
        {{ em_branco('texto') }} as obtido
    from casos
),

cross_db__em_branco as (
    select *
    from obtidos
    where obtido is distinct from esperado
)

select * from cross_db__em_branco
