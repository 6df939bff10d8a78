{#
    Text as a number of any precision and scale, null where it is not of the form or has more digits
    than fit. What may stand around it is what `tentar_decimal` takes, which is for money; but no float
    artefacts: which digits of a rate are one, nobody can tell.
#}
{% macro tentar_decimal_de(texto, forma, precisao, escala) -%}
    case {{ forma }}
        when 'ponto' then {{ numero_de(texto, '.', precisao, escala) }}
        when 'virgula' then {{ numero_de(texto, ',', precisao, escala) }}
    end
{%- endmacro %}

{% macro numero_de(texto, decimal, precisao, escala) -%}
    {%- set milhar, primeiro = (',', '[1-9][0-9]{0,2}') if decimal == '.'
        else ('.', '[0-9]{1,3}') -%}
    {%- set grupos = (precisao - escala - 1) // 3 -%}
    {%- set inteiros = '[0-9]+' -%}
    {%- if grupos > 0 -%}
        {%- set inteiros = inteiros ~ '|' ~ primeiro ~ '([' ~ milhar ~ '][0-9]{3}){1,' ~ grupos ~ '}' -%}
    {%- endif -%}
    {%- set decimais = '([' ~ decimal ~ '][0-9]{1,' ~ escala ~ '})?' if escala else '' -%}
    {%- set vazio = espaco() ~ '*' -%}
    {%- set padrao = vazio ~ '-?([Rr][$]' ~ vazio ~ ')?-?(' ~ inteiros ~ ')' ~ decimais ~ '-?' ~ vazio -%}
    {%- set limpo = decimal_sem_enfeites(texto, decimal) -%}
    {%- set limpo -%}
        case
            when
                {{ corresponde(texto, padrao) }}
                and length({{ texto }}) - length(replace({{ texto }}, '-', '')) <= 1
                then {{ limpo }}
        end
    {%- endset -%}
    {{ tentar_conversao(limpo, 'decimal(' ~ precisao ~ ',' ~ escala ~ ')') }}
{%- endmacro %}

{# A text, of a form that was looked at, in a type; null where it does not fit. #}
{% macro tentar_conversao(texto, tipo) -%}
    {{ return(adapter.dispatch('tentar_conversao', 'lastro')(texto, tipo)) }}
{%- endmacro %}

{% macro default__tentar_conversao(texto, tipo) -%}
    try_cast({{ texto }} as {{ tipo }})
{%- endmacro %}

{# The cast stands outside, where it never meets a constant: PostgreSQL would try it while planning. #}
{% macro postgres__tentar_conversao(texto, tipo) -%}
    cast(case when pg_input_is_valid({{ texto }}, '{{ tipo }}') then {{ texto }} end as {{ tipo }})
{%- endmacro %}
