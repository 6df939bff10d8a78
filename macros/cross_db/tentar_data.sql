{#
    Text as a day, null where it is not exactly of the form or no such day exists: casts alone take
    `today`, `infinity`, spaces and single digits, and read 01/02 the American way. DuckDB knows a
    year 0000, PostgreSQL does not: it is no year here.
#}
{% macro tentar_data(texto, forma) -%}
    case {{ forma }}
        when 'AAAA-MM-DD' then {{ tentar_data_iso(texto) }}
        when 'DD/MM/AAAA' then {{ tentar_data_brasileira(texto) }}
    end
{%- endmacro %}

{% macro tentar_data_iso(texto) -%}
    {{ return(adapter.dispatch('tentar_data_iso', 'lastro')(texto)) }}
{%- endmacro %}

{% macro duckdb__tentar_data_iso(texto) -%}
    case
        when
            regexp_full_match({{ texto }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
            and {{ texto }} not like '0000%'
            then try_cast({{ texto }} as date)
    end
{%- endmacro %}

{# Ten characters with dashes in their places and nothing else but digits: no regular expression. #}
{% macro postgres__tentar_data_iso(texto) -%}
    case
        when
            {{ texto }} like '____-__-__'
            and translate({{ texto }}, '0123456789', '') = '--'
            and pg_input_is_valid({{ texto }}, 'date')
            then cast({{ texto }} as date)
    end
{%- endmacro %}

{% macro spark__tentar_data_iso(texto) -%}
    case
        when
            {{ texto }} rlike '^[0-9]{4}-[0-9]{2}-[0-9]{2}\\z'
            and {{ texto }} not like '0000%'
            then try_cast({{ texto }} as date)
    end
{%- endmacro %}

{% macro tentar_data_brasileira(texto) -%}
    {{ return(adapter.dispatch('tentar_data_brasileira', 'lastro')(texto)) }}
{%- endmacro %}

{% macro duckdb__tentar_data_brasileira(texto) -%}
    case
        when
            regexp_full_match({{ texto }}, '[0-9]{2}/[0-9]{2}/[0-9]{4}')
            and {{ texto }} not like '%0000'
            then cast(try_strptime({{ texto }}, '%d/%m/%Y') as date)
    end
{%- endmacro %}

{% macro postgres__tentar_data_brasileira(texto) -%}
    {%- set iso -%}
        substr({{ texto }}, 7, 4) || '-' || substr({{ texto }}, 4, 2) || '-' || substr({{ texto }}, 1, 2)
    {%- endset -%}
    case
        when
            {{ texto }} like '__/__/____'
            and translate({{ texto }}, '0123456789', '') = '//'
            and pg_input_is_valid({{ iso }}, 'date')
            then cast({{ iso }} as date)
    end
{%- endmacro %}

{% macro spark__tentar_data_brasileira(texto) -%}
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
