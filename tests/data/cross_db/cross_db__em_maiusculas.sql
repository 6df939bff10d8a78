{%- set ascii = ('abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') -%}
{%- set grupos = [ascii] + letras_com_maiuscula().values() | list -%}

-- Every character of the first two planes, beyond which no letter has a case.
with

codigos as (
    select cast(n as integer) as codigo
    from {{ numeros_ate(131071) }} as s (n)
    where n not between 55296 and 57343
),

pares as (
    {%- for minusculas, maiusculas in grupos %}
    select
        substr('{{ minusculas }}', cast(n as integer), 1) as letra,
        substr('{{ maiusculas }}', cast(n as integer), 1) as maiuscula
    from {{ numeros_ate(minusculas | length) }} as s (n)
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

casos as (
    select
        {{ caractere('c.codigo') }} as texto,
        coalesce(p.maiuscula, {{ caractere('c.codigo') }}) as esperado
    from codigos as c
    left join pares as p on {{ caractere('c.codigo') }} = p.letra
    union all
    select
        t.texto,
        t.esperado
    from (
        values
        ('são joão à beça nº 1ª', 'SÃO JOÃO À BEÇA Nº 1ª'),
        ('straße – ação', 'STRAẞE – AÇÃO'),
        ('żółw ﬁ ı ŉ', 'ŻÓŁW ﬁ I ŉ'),
        ('привет, κόσμε', 'ПРИВЕТ, ΚΌΣΜΕ'),
        ('a' || {{ caractere(771) }} || 'o', 'A' || {{ caractere(771) }} || 'O'),
        ('', ''),
        (null, null)
    ) as t (texto, esperado)
),

obtidos as (
    select
        texto,
        esperado,
        {{ em_maiusculas('texto') }} as obtido
    from casos
),

cross_db__em_maiusculas as (
    select *
    from obtidos
    where obtido is distinct from esperado
)

select * from cross_db__em_maiusculas
