-- Days with a time: to the microsecond, in UTC where the text says how far it is from it.
{% set casos = {
    'AAAA-MM-DD': {
        '2024-02-29': '2024-02-29 00:00:00', '2024-02-29 9:05': '2024-02-29 09:05:00',
        '2024-02-29T23:59:59': '2024-02-29 23:59:59',
        '2024-02-29T10:20:30.5': '2024-02-29 10:20:30.5',
        '2024-02-29 10:20:30,123456789': '2024-02-29 10:20:30.123456',
        '2024-02-29T10:20:30Z': '2024-02-29 10:20:30',
        '2024-02-29T22:20:30-03:00': '2024-03-01 01:20:30',
        '2024-03-01 00:10 +0530': '2024-02-29 18:40:00', ' 2024-01-01 ': '2024-01-01 00:00:00',
        '2023-02-29 10:20': none, '2024-02-29 24:00': none, '2024-02-29 10:60': none,
        '2024-02-29 10': none, '2024-02-29  10:20': none, '2024-02-29T10:20:30+15:00': none,
        '2024-02-29T10:20:30.': none, '29/02/2024 10:20': none, '': none, 'now': none,
        '9999-12-31T23:00:00-03:00': none, '9999-12-31T23:00:00': '9999-12-31 23:00:00',
    },
    'DD/MM/AAAA': {
        '29/02/2024 10:20:30': '2024-02-29 10:20:30', '29/02/2024': '2024-02-29 00:00:00',
        '01/01/2024T00:00-03': '2024-01-01 03:00:00', '2024-02-29 10:20': none,
        '31/04/2024 10:20': none,
    },
} %}

with

casos as (
    select
        c.forma,
        c.texto,
        cast(c.esperado as timestamp) as esperado
    from (
        values
        {%- for forma, textos in casos.items() %}
        {%- for texto, momento in textos.items() %}
        ('{{ forma }}', '{{ texto }}', {{ "'" ~ momento ~ "'" if momento else 'null' }}),
        {%- endfor %}
        {%- endfor %}
        (null, '2024-02-29', null)
    ) as c (forma, texto, esperado)
),

obtidos as (
    select
        forma,
        texto,
        esperado,
        {{ tentar_data_hora('texto', 'forma') }} as obtido
    from casos
),

cross_db__tentar_data_hora as (
    select *
    from obtidos
    where obtido is distinct from esperado
)

select * from cross_db__tentar_data_hora
