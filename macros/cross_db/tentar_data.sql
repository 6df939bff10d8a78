{#
    Text as a day, null where it is not of the form or no such day exists: casts alone take `today`,
    `infinity` and single digits, and read 01/02 the American way. Padding and a time of midnight
    are taken off first, from the few texts that are not the ten characters of the form. DuckDB
    knows a year 0000, PostgreSQL does not: it is no year here.
#}
{% macro tentar_data(texto, forma) -%}
    case {{ forma }}
        when 'AAAA-MM-DD' then {{ tentar_data_iso(texto) }}
        when 'DD/MM/AAAA' then {{ tentar_data_brasileira(texto) }}
    end
{%- endmacro %}

{% macro tentar_data_iso(texto) -%}
    case
        when {{ texto }} like '____-__-__' then {{ dia_iso(texto) }}
        when {{ dia_com_enfeites(texto, '[0-9]{4}-[0-9]{2}-[0-9]{2}') }}
            then {{ dia_iso(dia_sem_enfeites(texto)) }}
    end
{%- endmacro %}

{% macro tentar_data_brasileira(texto) -%}
    case
        when {{ texto }} like '__/__/____' then {{ dia_brasileiro(texto) }}
        when {{ dia_com_enfeites(texto, '[0-9]{2}/[0-9]{2}/[0-9]{4}') }}
            then {{ dia_brasileiro(dia_sem_enfeites(texto)) }}
    end
{%- endmacro %}

{# A midnight with a zone is another day elsewhere, so it is none of these. #}
{% macro dia_com_enfeites(texto, dia) -%}
    {%- set hora = '([ T]0?0:00(:00([.]0+)?)?)?' -%}
    {{ corresponde(texto, espaco() ~ '*' ~ dia ~ hora ~ espaco() ~ '*') }}
{%- endmacro %}

{% macro dia_sem_enfeites(texto) -%}
    left({{ sem_espacos_ao_redor(texto) }}, 10)
{%- endmacro %}

{% macro dia_iso(texto) -%}
    {{ return(adapter.dispatch('dia_iso', 'lastro')(texto)) }}
{%- endmacro %}

{% macro duckdb__dia_iso(texto) -%}
    case
        when
            regexp_full_match({{ texto }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
            and {{ texto }} not like '0000%'
            then try_cast({{ texto }} as date)
    end
{%- endmacro %}

{# Ten characters with dashes in their places and nothing else but digits: no regular expression. #}
{% macro postgres__dia_iso(texto) -%}
    case
        when
            translate({{ texto }}, '0123456789', '') = '--'
            and pg_input_is_valid({{ texto }}, 'date')
            then cast({{ texto }} as date)
    end
{%- endmacro %}

{% macro spark__dia_iso(texto) -%}
    case
        when
            {{ texto }} rlike '^[0-9]{4}-[0-9]{2}-[0-9]{2}\\z'
            and {{ texto }} not like '0000%'
            then try_cast({{ texto }} as date)
    end
{%- endmacro %}

{% macro dia_brasileiro(texto) -%}
    {{ return(adapter.dispatch('dia_brasileiro', 'lastro')(texto)) }}
{%- endmacro %}

{% macro duckdb__dia_brasileiro(texto) -%}
    case
        when
            regexp_full_match({{ texto }}, '[0-9]{2}/[0-9]{2}/[0-9]{4}')
            and {{ texto }} not like '%0000'
            then cast(try_strptime({{ texto }}, '%d/%m/%Y') as date)
    end
{%- endmacro %}

{% macro postgres__dia_brasileiro(texto) -%}
    {%- set iso -%}
        substr({{ texto }}, 7, 4) || '-' || substr({{ texto }}, 4, 2) || '-' || substr({{ texto }}, 1, 2)
    {%- endset -%}
    case
        when
            translate({{ texto }}, '0123456789', '') = '//'
            and pg_input_is_valid({{ iso }}, 'date')
            then cast({{ iso }} as date)
    end
{%- endmacro %}

{% macro spark__dia_brasileiro(texto) -%}
    case
        when
            {{ texto }} rlike '^[0-9]{2}/[0-9]{2}/[0-9]{4}\\z'
            and {{ texto }} not like '%0000'
            then try_cast(
                substr({{ texto }}, 7, 4) || '-' || substr({{ texto }}, 4, 2) || '-'
                || substr({{ texto }}, 1, 2) as date
            )
    end
{%- endmacro %}
