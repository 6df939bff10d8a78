-- What is read and what is not, by form; 'nulo' is null. A text that only one engine's cast takes,
-- or that casts round, is here.
{%- set casos = {
    'ponto': {
        '0': '0.00', '7': '7.00', '-7': '-7.00', '007': '7.00', '-0': '0.00', '-0.00': '0.00',
        '1.5': '1.50', '1.50': '1.50', '-1.05': '-1.05', '1234567.89': '1234567.89',
        '9999999999999.99': '9999999999999.99', '-9999999999999.99': '-9999999999999.99',
        '0000000000000000000000000000000000000001.00': '1.00',
        '10000000000000.00': none, '99999999999999999999999999999999999999999999': none,
        '': none, ' ': none, '-': none, '.': none, '-.': none, '.5': none, '-.5': none,
        '5.': none, '-5.': none, '1.005': none, '1.000': none, '1.2.3': none, '1..2': none,
        '1-1': none, '1-': none, '--1': none, '-1-': none, '.-1': none, '1.-5': none,
        '+1': none, '+1.00': none, ' 1': none, '1 ': none, '1 000': none, '- 1': none,
        '1e3': none, '1E3': none, '1e-2': none, '1_000': none, '1_0.00': none, '0x1F': none,
        '0b11': none, '0o17': none, 'NaN': none, 'nan': none, 'infinity': none, '-Infinity': none,
        'inf': none, 'null': none, 'abc': none, 'R$ 1.00': none, '1.00 BRL': none, '1%': none,
        '(1.00)': none, '1,5': none, '1,50': none, '1.234,56': none, '1,234.56': none,
        '１２': none, '١٢': none, '1٫5': none, '−1': none, '1.5１': none,
    },
    'virgula': {
        '0': '0.00', '7': '7.00', '-7': '-7.00', '007': '7.00', '-0,00': '0.00', '1,5': '1.50',
        '1,50': '1.50', '-1,05': '-1.05', '1234567,89': '1234567.89', '1234567': '1234567.00',
        '1.234': '1234.00', '-1.234': '-1234.00', '1.234,5': '1234.50', '12.345,67': '12345.67',
        '123.456.789,01': '123456789.01', '0.001,00': '1.00',
        '9.999.999.999.999,99': '9999999999999.99', '9999999999999,99': '9999999999999.99',
        '10.000.000.000.000,00': none, '99999999999999999999999999999999': none,
        '': none, ' ': none, '-': none, ',': none, '-,': none, ',5': none, '-,5': none,
        '5,': none, '1,005': none, '1,2,3': none, '1.5': none, '1.50': none, '1.2345': none,
        '1234.567': none, '1234.567,00': none, '.123': none, '-.123': none, '1.234.': none,
        '1..234': none, '1.23.456': none, '1.234.56': none, '1,234.56': none, '1.234,567': none,
        '1.234,': none, '1.-234': none, '+1,00': none, ' 1,00': none, '1,00 ': none,
        '1.234 ,00': none, '1e3': none, '1_000': none, '1_000,00': none, '0x1F': none,
        'NaN': none, 'infinity': none, 'R$ 1,00': none, '１,5': none, '1,５': none, '−1,00': none,
    },
    'outra': {'1': none, '1.5': none, '1,5': none},
} %}

with

casos as (
    select
        c.forma,
        c.texto,
        c.esperado
    from (
        values
        {%- for forma, textos in casos.items() %}
        {%- for texto, valor in textos.items() %}
        {%- set esperado = "'" ~ valor ~ "'" if valor is not none else 'null' %}
        ('{{ forma }}', '{{ texto }}', {{ esperado }}),
        {%- endfor %}
        {%- endfor %}
        {%- for codigo in [9, 10, 13, 160] %}
        {%- for forma in ['ponto', 'virgula'] %}
        ('{{ forma }}', chr({{ codigo }}) || '1', null),
        ('{{ forma }}', '1' || chr({{ codigo }}), null),
        {%- endfor %}
        {%- endfor %}
        ('ponto', null, null),
        (null, '1', null)
    ) as c (forma, texto, esperado)
),

obtidos as (
    select
        forma,
        texto,
        esperado,
        cast({{ tentar_decimal('texto', 'forma') }} as {{ dbt.type_string() }}) as obtido
    from casos
),

cross_db__tentar_decimal as (
    select *
    from obtidos
    where obtido is distinct from esperado
)

select * from cross_db__tentar_decimal
