{#
    Text as a moment, null where it is not of the form or there is no such one: a day as `tentar_data`
    reads it, and after a blank or a T its time, to the minute, second or a part of it; digits beyond
    the microsecond are cut. With `Z`, or what parts the clock from UTC, it is the moment in UTC, else
    what the clock showed. A day alone is its midnight.
#}
{% macro tentar_data_hora(texto, forma) -%}
    {%- set limpo = sem_espacos_ao_redor(texto) -%}
    case {{ forma }}
        when 'AAAA-MM-DD' then {{ momento_do_dia(
            limpo, '[0-9]{4}-[0-9]{2}-[0-9]{2}', dia_iso('left(' ~ limpo ~ ', 10)')
        ) }}
        when 'DD/MM/AAAA' then {{ momento_do_dia(
            limpo, '[0-9]{2}/[0-9]{2}/[0-9]{4}', dia_brasileiro('left(' ~ limpo ~ ', 10)')
        ) }}
    end
{%- endmacro %}

{# A moment of the first or last year that there is may be none in UTC. #}
{% macro momento_do_dia(texto, forma, dia) -%}
    {%- set hora = '([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?' -%}
    {%- set zona = ' ?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)' -%}
    {%- set do_relogio = 'substr(' ~ texto ~ ', 12)' -%}
    case
        when
            {{ corresponde(texto, forma ~ '([ T]' ~ hora ~ '(' ~ zona ~ ')?)?') }}
            and (
                not {{ corresponde(do_relogio, '.*[Z+-].*') }}
                or ({{ texto }} not like '%0001%' and {{ texto }} not like '%9999%')
            )
            then {{ somar_microssegundos(
                'cast(' ~ dia ~ ' as timestamp)', microssegundos_de(do_relogio)
            ) }}
    end
{%- endmacro %}

{# Microseconds since midnight, in UTC, of `9:05`, `10:20:30,5 -0300`; 0 of nothing. #}
{% macro microssegundos_de(relogio) -%}
    {%- set hora = "lpad(" ~ regexp_substituir(relogio, ':.*$', '') ~ ", 2, '0')" -%}
    {%- set sem_zona = regexp_substituir(relogio, ' ?[Z+-].*$', '') -%}
    {%- set cheia = hora ~ " || " ~ regexp_substituir(sem_zona, '^[0-9]*', '') -%}
    {%- set zona = "replace(" ~ regexp_substituir(relogio, '^[^+-]*', '') ~ ", ':', '')" -%}
    (
        (
            {{ em_inteiro("substr(" ~ cheia ~ ", 1, 2)") }} * 60
            + {{ em_inteiro("substr(" ~ cheia ~ ", 4, 2)") }}
            - case when {{ zona }} like '-%' then -1 else 1 end * (
                {{ em_inteiro("substr(" ~ zona ~ ", 2, 2)") }} * 60
                + {{ em_inteiro("substr(" ~ zona ~ ", 4, 2)") }}
            )
        ) * 60
        + {{ em_inteiro("substr(" ~ cheia ~ ", 7, 2)") }}
    ) * 1000000
    + {{ em_inteiro("rpad(substr(" ~ cheia ~ ", 10, 6), 6, '0')") }}
{%- endmacro %}

{# Digits as a number; 0 of none. #}
{% macro em_inteiro(algarismos) -%}
    cast('0' || {{ algarismos }} as bigint)
{%- endmacro %}

{% macro somar_microssegundos(instante, quantos) -%}
    {{ return(adapter.dispatch('somar_microssegundos', 'lastro')(instante, quantos)) }}
{%- endmacro %}

{% macro default__somar_microssegundos(instante, quantos) -%}
    {{ instante }} + ({{ quantos }}) * interval '1 microsecond'
{%- endmacro %}

{% macro duckdb__somar_microssegundos(instante, quantos) -%}
    {{ instante }} + to_microseconds({{ quantos }})
{%- endmacro %}

{# Spark's timestampadd takes an integer, and lets more than 35 minutes overflow without a word. #}
{% macro spark__somar_microssegundos(instante, quantos) -%}
    timestamp_micros(unix_micros({{ instante }}) + {{ quantos }})
{%- endmacro %}
