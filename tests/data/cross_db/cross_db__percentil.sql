-- The deciles of some values, to the last bit; 'nulo' is null. The engines' own percentiles disagree
-- where the rank is no whole number, and DuckDB's gives 28.999999999999996 between 29 and 29.
{%- set casos = {
    'nada': {'valores': ['nulo', 'nulo'], 'decis': ['nulo'] * 9},
    'um': {'valores': ['0.1'], 'decis': ['0.1'] * 9},
    'um e nulos': {'valores': ['nulo', '0.1', 'nulo'], 'decis': ['0.1'] * 9},
    'dois': {
        'valores': ['2', '1'],
        'decis': ['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8', '1.9'],
    },
    'dois iguais': {'valores': ['29'] * 2, 'decis': ['29'] * 9},
    'iguais': {'valores': ['3.6666666666666665'] * 23, 'decis': ['3.6666666666666665'] * 9},
    'quase todos iguais': {
        'valores': ['-5', '105.00000000000001', '1e300'] + ['104.99999999999999'] * 57,
        'decis': ['104.99999999999999'] * 9,
    },
    'postos inteiros': {
        'valores': ['10', '9', '8', '7', '6', '5', '4', '3', '2', '1', '0'],
        'decis': ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    },
    'postos quebrados': {
        'valores': ['0', '10', '20', '30', '40', '50', '60', '70', '80', '90'],
        'decis': ['9', '18', '27', '36', '45', '54', '63', '72', '81'],
    },
    'duas metades': {
        'valores': ['0.1'] * 5 + ['0.3'] * 5,
        'decis': ['0.1'] * 4 + ['0.2'] + ['0.3'] * 4,
    },
    'negativos': {
        'valores': ['-0.3', '-0.1', '-0.2', '0'],
        'decis': [
            '-0.27', '-0.24', '-0.21000000000000002', '-0.18000000000000002',
            '-0.15000000000000002', '-0.12000000000000001', '-0.09000000000000001',
            '-0.060000000000000005', '-0.03',
        ],
    },
} %}

with

valores as (
    select
        v.caso,
        {{ em_double('v.valor') }} as valor
    from (
        values
        {%- for caso, dados in casos.items() %}
        {%- set fora = loop.last %}
        {%- for valor in dados.valores %}
        ('{{ caso }}', {{ 'null' if valor == 'nulo' else "'" ~ valor ~ "'" }})
        {{- ',' if not (fora and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    ) as v (caso, valor)
),

em_ordem as (
    select
        caso,
        {{ valores_em_ordem('valor') }} as valores
    from valores
    group by caso
),

decis as (
    {%- for decil in range(1, 10) %}
    select
        caso,
        {{ decil }} as decil,
        {{ percentil('valores', decil, 10) }} as valor
    from em_ordem
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

esperados as (
    select
        e.caso,
        e.decil,
        {{ em_double('e.valor') }} as valor
    from (
        values
        {%- for caso, dados in casos.items() %}
        {%- set fora = loop.last %}
        {%- for valor in dados.decis %}
        ('{{ caso }}', {{ loop.index }}, {{ 'null' if valor == 'nulo' else "'" ~ valor ~ "'" }})
        {{- ',' if not (fora and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    ) as e (caso, decil, valor)
),

cross_db__percentil as (
    select
        e.caso,
        e.decil,
        e.valor as esperado,
        d.valor as calculado
    from esperados as e
    left join decis as d on e.caso = d.caso and e.decil = d.decil
    where e.valor is distinct from d.valor
)

select * from cross_db__percentil
