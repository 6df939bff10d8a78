-- Bad and good rows by value, and what tells them apart, as quotients of whole numbers.
{%- set casos = {
    'separa': {
        'valores': {'1': [0, 1], '2': [0, 1], '3': [1, 0], '4': [1, 0]},
        'auc': [1, 1], 'ks': [1, 1],
    },
    'separa ao contrario': {
        'valores': {'-4': [1, 0], '-3': [1, 0], '-2': [0, 1], '-1': [0, 1]},
        'auc': [0, 1], 'ks': [1, 1],
    },
    'constante': {'valores': {'0.1': [2, 3]}, 'auc': [1, 2], 'ks': [0, 1]},
    'empates': {
        'valores': {'1': [1, 1], '2': [1, 0], '3': [2, 2]}, 'auc': [11, 24], 'ks': [2, 12],
    },
    'empate acima': {
        'valores': {'1': [0, 5], '2': [3, 1], '3': [1, 0]}, 'auc': [45, 48], 'ks': [20, 24],
    },
    'so maus': {'valores': {'1': [1, 0], '2': [4, 0]}, 'auc': [1, 0], 'ks': [1, 0]},
    'so bons': {'valores': {'1': [0, 1], '2': [0, 4]}, 'auc': [1, 0], 'ks': [1, 0]},
    'muitos': {
        'valores': {'1': [0, 1000000000], '2': [1000000000, 0]}, 'auc': [1, 1], 'ks': [1, 1],
    },
} %}

with

valores as (
    select
        v.caso,
        {{ em_double('v.valor') }} as valor,
        cast(v.maus as bigint) as maus,
        cast(v.bons as bigint) as bons
    from (
        values
        {%- for caso, dados in casos.items() %}
        {%- set fora = loop.last %}
        {%- for valor, contados in dados.valores.items() %}
        ('{{ caso }}', {{ valor }}, {{ contados | join(', ') }})
        {{- ',' if not (fora and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    ) as v (caso, valor, maus, bons)
),

acumulados as (
    select
        caso,
        maus,
        bons,
        cast(sum(maus) over ate_o_valor as bigint) as maus_ate,
        cast(sum(bons) over ate_o_valor as bigint) as bons_ate,
        cast(sum(maus) over (partition by caso) as bigint) as maus_total,
        cast(sum(bons) over (partition by caso) as bigint) as bons_total
    from valores
    window ate_o_valor as (partition by caso order by valor)
),

curvas as (
    select
        caso,
        {{ area_sob_a_curva('maus', 'bons', 'bons_ate') }} as auc,
        {{ distancia_maxima('maus_ate', 'bons_ate', 'maus_total', 'bons_total') }} as ks
    from acumulados
    group by caso
),

-- A quotient over 0 stands for null.
esperados as (
    {%- for caso, dados in casos.items() %}
    select
        '{{ caso }}' as caso,
        {{ razao(dados.auc[0], dados.auc[1]) }} as auc,
        {{ razao(dados.ks[0], dados.ks[1]) }} as ks
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

estatistica__separacao as (
    select
        e.caso,
        e.auc as auc_esperada,
        c.auc,
        e.ks as ks_esperado,
        c.ks
    from esperados as e
    left join curvas as c on e.caso = c.caso
    where
        e.auc is distinct from c.auc
        or 2 * e.auc - 1 is distinct from {{ gini('c.auc') }}
        or e.ks is distinct from c.ks
)

select * from estatistica__separacao
