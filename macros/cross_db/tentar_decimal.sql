{#
    Text as an amount, null where it is not exactly of the form: casts alone take `1e3`, `NaN`,
    `1_000` and spaces, and round a third decimal. The form of each row is a column, so that one
    query reads files of both. Digits are spelled [0-9]: \d means those of every script on some
    engines. The typed null keeps the scale, which PostgreSQL forgets of a case without an else.
#}
{% macro tentar_decimal(texto, forma) -%}
    case {{ forma }}
        when 'ponto' then {{ tentar_decimal_com_ponto(texto) }}
        when 'virgula' then {{ tentar_decimal_com_virgula(texto) }}
        else cast(null as decimal(15, 2))
    end
{%- endmacro %}

{% macro tentar_decimal_com_ponto(texto) -%}
    {{ return(adapter.dispatch('tentar_decimal_com_ponto', 'lastro')(texto)) }}
{%- endmacro %}

{% macro duckdb__tentar_decimal_com_ponto(texto) -%}
    case
        when regexp_full_match({{ texto }}, '-?[0-9]+([.][0-9]{1,2})?')
            then try_cast({{ texto }} as decimal(15, 2))
    end
{%- endmacro %}

{#
    No regular expression, which costs as much as all the rest. What the cast takes and holds no
    other sign than one `-` and one `.` is a number; the shape of its decimals is left to check. The
    cast stands outside, where it never meets a constant: PostgreSQL would try it while planning.
#}
{% macro postgres__tentar_decimal_com_ponto(texto) -%}
    cast(
        case
            when
                translate({{ texto }}, '0123456789', '') in ('', '.', '-', '-.')
                and {{ texto }} not like '.%'
                and {{ texto }} not like '-.%'
                and {{ texto }} not like '%.'
                and {{ texto }} not like '%.___%'
                and pg_input_is_valid({{ texto }}, 'numeric(15,2)')
                then {{ texto }}
        end as decimal(15, 2)
    )
{%- endmacro %}

{% macro spark__tentar_decimal_com_ponto(texto) -%}
    case
        when {{ texto }} rlike '^-?[0-9]+([.][0-9]{1,2})?\\z'
            then try_cast({{ texto }} as decimal(15, 2))
    end
{%- endmacro %}

{% macro tentar_decimal_com_virgula(texto) -%}
    {{ return(adapter.dispatch('tentar_decimal_com_virgula', 'lastro')(texto)) }}
{%- endmacro %}

{% macro duckdb__tentar_decimal_com_virgula(texto) -%}
    case
        when
            regexp_full_match(
                {{ texto }},
                '-?[0-9]{1,3}([.][0-9]{3})*(,[0-9]{1,2})?|-?[0-9]+(,[0-9]{1,2})?'
            )
            then try_cast(
                replace(replace({{ texto }}, '.', ''), ',', '.') as decimal(15, 2)
            )
    end
{%- endmacro %}

{# Only numbers with points in them, the larger ones, need the regular expression. #}
{% macro postgres__tentar_decimal_com_virgula(texto) -%}
    case
        when {{ texto }} not like '%.%'
            then {{ tentar_decimal_com_ponto("replace(" ~ texto ~ ", ',', '.')") }}
        when {{ texto }} ~ '^-?[0-9]{1,3}([.][0-9]{3})*(,[0-9]{1,2})?$'
            then {{ tentar_decimal_com_ponto("replace(replace(" ~ texto ~ ", '.', ''), ',', '.')") }}
        else cast(null as decimal(15, 2))
    end
{%- endmacro %}

{% macro spark__tentar_decimal_com_virgula(texto) -%}
    case
        when
            {{ texto }}
            rlike '^(-?[0-9]{1,3}([.][0-9]{3})*(,[0-9]{1,2})?|-?[0-9]+(,[0-9]{1,2})?)\\z'
            then try_cast(
                replace(replace({{ texto }}, '.', ''), ',', '.') as decimal(15, 2)
            )
    end
{%- endmacro %}
