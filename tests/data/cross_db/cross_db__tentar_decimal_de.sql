-- Numbers of other scales than money's: what is read, and what is of another form or does not fit.
{% set casos = {
    'ponto': {
        '1.2345': '1.2345', '-0.5': '-0.5', '1.234': '1.234', '1,234.5': '1234.5', '0': '0',
        '12345678': '12345678', ' R$ 2.5 ': '2.5', '2.5-': '-2.5', '000.1': '0.1',
        '1.23456': none, '1,5': none, '0,123.4': none, '123456789': none, '1e3': none, 'NaN': none,
        '--1': none, '-1-': none, '1.': none, '.5': none, '': none, '1_000': none, '１': none,
    },
    'virgula': {
        '1,2345': '1.2345', '1.234': '1234', '1.234,5': '1234.5', '0,123': '0.123',
        '1,23456': none, '1.5': none, '1.234.567.890': none,
    },
} %}

with

casos as (
    select
        c.forma,
        c.texto,
        cast(c.esperado as decimal(12, 4)) as esperado
    from (
        values
        {%- for forma, textos in casos.items() %}
        {%- for texto, numero in textos.items() %}
        ('{{ forma }}', '{{ texto }}', {{ numero or 'null' }}),
        {%- endfor %}
        {%- endfor %}
        (null, '1', null)
    ) as c (forma, texto, esperado)
),

obtidos as (
    select
        forma,
        texto,
        esperado,
        {{ tentar_decimal_de('texto', 'forma', 12, 4) }} as obtido
    from casos
),

cross_db__tentar_decimal_de as (
    select *
    from obtidos
    where obtido is distinct from esperado
)

select * from cross_db__tentar_decimal_de
