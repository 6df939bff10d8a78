-- Percentiles of whole numbers, to the last bit. A value that is left out by the
-- condition stands behind a minus.
{%- set casos = {
    'nada': {'valores': ['null', '-5'], 'percentis': ['null', 'null', 'null']},
    'um e nulos': {'valores': ['null', '500', '-1'], 'percentis': ['500', '500', '500']},
    'iguais': {'valores': ['500'] * 23, 'percentis': ['500', '500', '500']},
    'quase todos iguais': {
        'valores': ['1'] + ['499'] * 57 + ['9000'], 'percentis': ['499', '499', '4069.42'],
    },
    'dois': {'valores': ['2', '1'], 'percentis': ['1.5', '1.95', '1.99']},
    'postos quebrados': {
        'valores': ['0', '100', '200', '400'], 'percentis': ['150', '370', '394'],
    },
    'grandes': {
        'valores': ['1000000000000', '1000000000001'],
        'percentis': ['1000000000000.5', '1000000000000.95', '1000000000000.99'],
    },
} %}
with

valores as (
    {%- for caso, dados in casos.items() %}
    {%- set fora = loop %}
    {%- for valor in dados.valores %}
    select
        '{{ caso }}' as caso,
        cast({{ valor }} as bigint) as valor
    {% if not (fora.last and loop.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
),

listas as (
    select
        caso,
        {{ percentis_de_inteiros('valor', [50, 95, 99], 'valor >= 0') }} as percentis
    from valores
    group by caso
),

calculados as (
    select
        caso,
        {{ percentil_de_inteiros('percentis', 1) }} as p50,
        {{ percentil_de_inteiros('percentis', 2) }} as p95,
        {{ percentil_de_inteiros('percentis', 3) }} as p99
    from listas
),

esperados as (
    {%- for caso, dados in casos.items() %}
    select
        '{{ caso }}' as caso,
        {{ em_double(dados.percentis[0]) }} as p50,
        {{ em_double(dados.percentis[1]) }} as p95,
        {{ em_double(dados.percentis[2]) }} as p99
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

cross_db__percentis_de_inteiros as (
    select e.*
    from esperados as e
    left join calculados as c on e.caso = c.caso
    where
        e.p50 is distinct from c.p50
        or e.p95 is distinct from c.p95
        or e.p99 is distinct from c.p99
)

select * from cross_db__percentis_de_inteiros
