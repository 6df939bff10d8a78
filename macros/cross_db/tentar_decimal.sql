{#
    Text as an amount, null where it is not of the form: casts alone take `1e3`, `NaN` and `1_000`,
    and round a third decimal. The form of each row is a column, so that one query reads files of
    both. Digits are spelled [0-9]: \d means those of every script on some engines. The typed null
    keeps the scale, which PostgreSQL forgets of a case without an else.
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
        when {{ decimal_com_enfeites(texto, '.') }}
            then try_cast({{ decimal_sem_enfeites(texto, '.') }} as decimal(15, 2))
    end
{%- endmacro %}

{#
    No regular expression for plain texts, which costs as much as all the rest. What the cast takes
    and holds no other sign than one `-` and one `.` is a number; the shape of its decimals is left to
    check. The cast stands outside, where it never meets a constant: PostgreSQL would try it while
    planning.
#}
{% macro postgres__tentar_decimal_com_ponto(texto) -%}
    {%- set sem_enfeites = decimal_sem_enfeites(texto, '.') -%}
    cast(
        case
            when {{ decimal_simples(texto) }} then {{ texto }}
            when
                {{ decimal_com_enfeites(texto, '.') }}
                and pg_input_is_valid({{ sem_enfeites }}, 'numeric(15,2)')
                then {{ sem_enfeites }}
        end as decimal(15, 2)
    )
{%- endmacro %}

{% macro spark__tentar_decimal_com_ponto(texto) -%}
    case
        when {{ texto }} rlike '^-?[0-9]+([.][0-9]{1,2})?\\z'
            then try_cast({{ texto }} as decimal(15, 2))
        when {{ decimal_com_enfeites(texto, '.') }}
            then try_cast({{ decimal_sem_enfeites(texto, '.') }} as decimal(15, 2))
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
                '-?[0-9]{1,3}([.][0-9]{3}){0,4}(,[0-9]{1,2})?|-?[0-9]+(,[0-9]{1,2})?'
            )
            then try_cast(
                replace(replace({{ texto }}, '.', ''), ',', '.') as decimal(15, 2)
            )
        when {{ decimal_com_enfeites(texto, ',') }}
            then try_cast({{ decimal_sem_enfeites(texto, ',') }} as decimal(15, 2))
    end
{%- endmacro %}

{# Only numbers with points in them, the larger ones, need the regular expression. #}
{% macro postgres__tentar_decimal_com_virgula(texto) -%}
    {%- set com_ponto = "replace(" ~ texto ~ ", ',', '.')" -%}
    {%- set sem_milhares = "replace(replace(" ~ texto ~ ", '.', ''), ',', '.')" -%}
    {%- set sem_enfeites = decimal_sem_enfeites(texto, ',') -%}
    cast(
        case
            when {{ texto }} not like '%.%' and {{ decimal_simples(com_ponto) }} then {{ com_ponto }}
            when {{ texto }} ~ '^-?[0-9]{1,3}([.][0-9]{3}){1,4}(,[0-9]{1,2})?$'
                then case
                    when pg_input_is_valid({{ sem_milhares }}, 'numeric(15,2)')
                        then {{ sem_milhares }}
                end
            when
                {{ decimal_com_enfeites(texto, ',') }}
                and pg_input_is_valid({{ sem_enfeites }}, 'numeric(15,2)')
                then {{ sem_enfeites }}
        end as decimal(15, 2)
    )
{%- endmacro %}

{% macro spark__tentar_decimal_com_virgula(texto) -%}
    case
        when
            {{ texto }}
            rlike '^(-?[0-9]{1,3}([.][0-9]{3}){0,4}(,[0-9]{1,2})?|-?[0-9]+(,[0-9]{1,2})?)\\z'
            then try_cast(
                replace(replace({{ texto }}, '.', ''), ',', '.') as decimal(15, 2)
            )
        when {{ decimal_com_enfeites(texto, ',') }}
            then try_cast({{ decimal_sem_enfeites(texto, ',') }} as decimal(15, 2))
    end
{%- endmacro %}

{# PostgreSQL only: whether a text is a plain amount with a decimal point. #}
{% macro decimal_simples(texto) -%}
    translate({{ texto }}, '0123456789', '') in ('', '.', '-', '-.')
    and {{ texto }} not like '.%'
    and {{ texto }} not like '-.%'
    and {{ texto }} not like '%.'
    and {{ texto }} not like '%.___%'
    and pg_input_is_valid({{ texto }}, 'numeric(15,2)')
{%- endmacro %}

{#
    Whether a text is an amount with something around or in it that cannot change what it means: padding,
    a currency sign, a minus behind, separators of thousands, or the decimals that the arithmetic of
    floats leaves (15 or more significant digits, within 0.00001 of the rounding). Asked only of
    what is not plain.
#}
{% macro decimal_com_enfeites(texto, decimal) -%}
    {%- set milhar, primeiro = (',', '[1-9][0-9]{0,2}') if decimal == '.'
        else ('.', '[0-9]{1,3}') -%}
    {%- set ponto, vazio = '[' ~ decimal ~ ']', espaco() ~ '*' -%}
    {%- set de_artefato = '(0{1,2}|000[0-9]*|0010*|999[0-9]*)' -%}
    {%- set numero -%}
        ([0-9]+|{{ primeiro }}([{{ milhar }}][0-9]{3}){1,4})({{ ponto }}[0-9]{1,2})?|[0-9]+{{ ponto }}[0-9]{2}{{ de_artefato }}
    {%- endset -%}
    {{ corresponde(texto, vazio ~ '-?([Rr][$]' ~ vazio ~ ')?-?(' ~ numero ~ ')-?' ~ vazio) }}
    and length({{ texto }}) - length(replace({{ texto }}, '-', '')) <= 1
    and (
        not {{ corresponde(texto, '.*' ~ ponto ~ '[0-9]{3}.*') }}
        or length(trim(leading '0' from {{ regexp_substituir(texto, '[^0-9]', '') }})) >= 15
    )
{%- endmacro %}

{# Such an amount as casts take it; they round its further decimals. #}
{% macro decimal_sem_enfeites(texto, decimal) -%}
    case when {{ texto }} like '%-%' then '-' else '' end
    || replace({{ regexp_substituir(texto, '[^0-9' ~ decimal ~ ']', '') }}, '{{ decimal }}', '.')
{%- endmacro %}
