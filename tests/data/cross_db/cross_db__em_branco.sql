with

casos as (
    {% for texto in [
        'cast(null as ' ~ dbt.type_string() ~ ')', "''", "' '", "'   '", 'chr(9)',
        "' ' || chr(9) || chr(160) || ' '", "'NULL'", "'null'", "' Null '", "'NaN'", "'nan'",
        "chr(9) || 'NAN' || chr(160)", "chr(92) || 'N'", "chr(92) || 'n '", "'#N/A'", "'#n/d'",
        "'#REF!'", "'#Value!'",
    ] -%}
    select
        {{ texto }} as texto,
        true as esperado
    union all
    {% endfor -%}
    {% for texto in [
        "'0'", "'-'", "' a'", "'a '", "' a b '", "chr(9) || '.'", "chr(160) || '1-11'", texto_literal("'"),
        "'NULL-1'", "'N U L L'", "'N'", "'nula'", "'#'", "'#N/A!'", "chr(92)", "chr(92) || 'NN'",
        "'NA'", "'None'", "chr(10)", caractere(8239),
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
