-- Of one value, of two, of so many that ranks are whole numbers and that they are none, with and
-- without equal ones: the deciles by counts are, to the last bit, those of the values in order.
{%- set quantos, decis = [1, 2, 3, 10, 11, 21, 57, 100], [] %}
{%- for decil in range(1, 10) %}
{%- do decis.append(percentil_acumulado('valor', 'ate', 'total', decil, 10) ~ ' as d' ~ decil) %}
{%- endfor %}

with

numeros as (
    select n.numero
    from {{ numeros_ate(100) }} as n (numero)
),

valores as (
    {%- for quantos_valores in quantos %}
    {%- for resto in [1, 3, 1009] %}
    select
        {{ quantos_valores * 10000 + resto }} as caso,
        {{ em_double('((numero * numero * 7919 + numero) % ' ~ resto ~ ')') }} / 7 - 2 as valor
    from numeros
    where numero <= {{ quantos_valores }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

em_ordem as (
    select
        caso,
        {{ valores_em_ordem('valor') }} as valores
    from valores
    group by caso
),

distintos as (
    select
        caso,
        valor,
        count(*) as quantos
    from valores
    group by caso, valor
),

acumulados as (
    select
        caso,
        valor,
        cast(sum(quantos) over (partition by caso order by valor) as bigint) as ate,
        cast(sum(quantos) over (partition by caso) as bigint) as total
    from distintos
),

por_contagem as (
    select
        caso,
        {{ decis | join(',\n        ') }}
    from acumulados
    group by caso
),

-- The bin of a value is one more than the number of cuts below it.
nas_faixas as (
    select
        v.caso,
        {{ faixa_do_decil('v.valor', 'd.d') }} as faixa,
        1
        {%- for decil in range(1, 10) %}
        + case when d.d{{ decil }} < v.valor then 1 else 0 end
        {%- endfor %} as esperada
    from valores as v
    inner join por_contagem as d on v.caso = d.caso
),

estatistica__percentil_acumulado as (
    select a.caso
    from em_ordem as a
    left join por_contagem as c on a.caso = c.caso
    where
        false
        {%- for decil in range(1, 10) %}
        or {{ percentil('a.valores', decil, 10) }} is distinct from c.d{{ decil }}
        {%- endfor %}
    union all
    select caso
    from nas_faixas
    where faixa <> esperada
)

select * from estatistica__percentil_acumulado
