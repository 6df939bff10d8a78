-- What is read and what is not, by form. A text that only one engine's cast takes, or that it reads
-- in another order, is here.
{%- set casos = {
    'AAAA-MM-DD': {
        '2024-02-29': '20240229', '2000-02-29': '20000229', '2024-12-31': '20241231',
        '1989-12-31': '19891231', '0001-01-01': '10101', '9999-12-31': '99991231',
        '2023-02-29': none, '1900-02-29': none, '2024-02-30': none, '2024-04-31': none,
        '2024-13-01': none, '2024-00-10': none, '2024-01-00': none, '2024-01-32': none,
        '0000-01-01': none, '0000-00-00': none, '10000-01-01': none, '12024-01-01': none,
        '24-01-01': none, '2024-1-1': none, '2024-1-01': none, '2024-01-1': none, '': none,
        ' ': none, '          ': none, ' 2024-01-01': '20240101', '2024-01-01 ': '20240101',
        ' 202-01-01': none, '2024- 1-01': none, '2024-01- 1': none, '2024-1 -01': none,
        '2024-01-1 ': none, '2024/01/01': none, '2024.01.01': none, '20240101': none,
        '2024-01': none, '2024': none, '2024-001': none, '2024-01-01 00:00:00': '20240101',
        '2024-01-01T00:00:00': '20240101', '2024-01-01 00:00': '20240101',
        '2024-01-01 0:00': '20240101',
        ' 2024-01-01 00:00:00.000 ': '20240101', '2024-01-01T00:00:00.000000': '20240101',
        '2024-01-01 00:00:01': none, '2024-01-01 12:00': none, '2024-01-01 00:00:00.001': none,
        '2024-01-01T00:00:00Z': none, '2024-01-01 00:00:00-03': none, '2024-01-01 24:00:00': none,
        '2024-01-01T': none, '2024-01-0100:00': none, '2024-01-01  00:00': none,
        '2024-02-30 00:00': none,
        '0000-01-01 00:00:00': none, '2024-01-01 00': none, '2024-01-01Z': none,
        '2024-01-01 BC': none,
        '2024-01-01 (BC)': none, '-2024-01-01': none, '-024-01-01': none, '2024--1-01': none,
        '2024-01--1': none, '2024--01-1': none, '2024-Jan-01': none, '01-01-2024': none,
        '29/02/2024': none, '01/02/2024': none, 'today': none, 'now': none, 'epoch': none,
        'infinity': none, '-infinity': none, 'yesterday': none, 'null': none, 'NaN': none,
        '２０２４-01-01': none, '२०२४-01-01': none, '2024-0１-01': none, '2024‐01‐01': none,
        'AAAA-MM-DD': none, 'aaaa-bb-cc': none, '2O24-01-01': none, '1e10-01-01': none,
        '2024-1e-01': none, 'J2460311': none, '2460311': none, '45292': none,
    },
    'DD/MM/AAAA': {
        '29/02/2024': '20240229', '01/02/2024': '20240201', '31/12/1989': '19891231',
        '01/01/0001': '10101', '31/12/9999': '99991231',
        '29/02/2023': none, '29/02/1900': none, '30/02/2024': none, '31/04/2024': none,
        '02/29/2024': none, '12/31/2024': none, '01/13/2024': none, '00/01/2024': none,
        '32/01/2024': none, '01/00/2024': none, '01/01/0000': none, '00/00/0000': none,
        '1/2/2024': none, '01/2/2024': none, '1/02/2024': none, '01/02/24': none,
        '01/02/10000': none, '': none, ' ': none, ' 01/02/2024': '20240201',
        '01/02/2024 ': '20240201',
        ' 1/02/2024': none, '01/ 2/2024': none, '01/02/ 024': none, '01/02/202 ': none,
        '01-02-2024': none, '01.02.2024': none, '2024-02-01': none, '2024/02/01': none,
        '01022024': none, '01/02': none, '02/2024': none, '01/02/2024 00:00': '20240201',
        '01/02/2024 00:00:00': '20240201', '01/02/2024T00:00:00': '20240201',
        '01/02/2024 0:00': '20240201',
        '01/02/2024 01:00': none, '31/02/2024 00:00:00': none, '01/20/2024 00:00': none,
        '-1/02/2024': none, '01/-2/2024': none, '01/02/-024': none, '01/fev/2024': none,
        '01/Feb/2024': none, 'today': none, 'infinity': none, '０１/02/2024': none,
        '01/02/２０２４': none, '01⁄02⁄2024': none, 'DD/MM/AAAA': none, '//////////': none,
    },
    'outra': {'2024-02-01': none, '01/02/2024': none},
} %}

with

casos as (
    select
        c.forma,
        c.texto,
        cast(c.esperado as integer) as esperado
    from (
        values
        {%- for forma, textos in casos.items() %}
        {%- for texto, dia in textos.items() %}
        ('{{ forma }}', '{{ texto }}', {{ dia or 'null' }}),
        {%- endfor %}
        {%- endfor %}
        {%- set ao_redor = {9: 20240101, 10: 'null', 13: 'null', 160: 20240101, 8239: 'null'} %}
        {%- for codigo, lido in ao_redor.items() %}
        ('AAAA-MM-DD', {{ caractere(codigo) }} || '2024-01-01', {{ lido }}),
        ('AAAA-MM-DD', '2024-01-01' || {{ caractere(codigo) }}, {{ lido }}),
        {%- endfor %}
        ('AAAA-MM-DD', null, null),
        (null, '2024-01-01', null)
    ) as c (forma, texto, esperado)
),

lidos as (
    select
        forma,
        texto,
        esperado,
        {{ tentar_data('texto', 'forma') }} as data
    from casos
),

obtidos as (
    select
        forma,
        texto,
        esperado,
        {{ data_para_inteiro('data') }} as obtido
    from lidos
),

cross_db__tentar_data as (
    select *
    from obtidos
    where obtido is distinct from esperado
)

select * from cross_db__tentar_data
