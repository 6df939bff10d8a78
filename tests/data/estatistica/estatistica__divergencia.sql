-- Two populations by bin, and how far they lie apart: each bin is (a - b) * ln(a / b), worked out
-- beside it; a share below 0.0001 counts as 0.0001.
{%- set casos = {
    'iguais': {'faixas': [[1, 10], [3, 30]], 'esperado': '0'},
    'dobro e metade': {'faixas': [[1, 4], [3, 4]], 'esperado': '-0.25 * ln(0.5) + 0.25 * ln(1.5)'},
    'vazia de um lado': {
        'faixas': [[0, 5], [10, 5]], 'esperado': '(0.0001 - 0.5) * ln(0.0002) + 0.5 * ln(2.0)',
    },
    'vazia do outro': {
        'faixas': [[5, 0], [5, 10]], 'esperado': '(0.5 - 0.0001) * ln(5000.0) - 0.5 * ln(0.5)',
    },
    'vazia dos dois': {'faixas': [[0, 0], [7, 9]], 'esperado': '0'},
    'abaixo do menor': {
        'faixas': [[1, 0], [99999, 10]], 'esperado': '(0.99999 - 1.0) * ln(0.99999)',
    },
} %}

with

faixas as (
    {%- for caso, dados in casos.items() %}
    {%- set fora = loop.last %}
    {%- set todos = dados.faixas | map('first') | sum, dados.faixas | map('last') | sum %}
    {%- for uma, outra in dados.faixas %}
    select
        '{{ caso }}' as caso,
        {{ parcela_de_divergencia(uma, todos[0], outra, todos[1]) }} as parcela,
        {{ em_double(dados.esperado) }} as esperado
    {%- if not (fora and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

estatistica__divergencia as (
    select
        caso,
        sum(parcela) as calculado,
        max(esperado) as esperado
    from faixas
    group by caso
)

select * from estatistica__divergencia
where abs({{ em_double('calculado') }} - esperado) > 1e-11
