{#
    What a person wrote for a variable that is a day, as `YYYY-MM-DD`; empty where it is none. YAML
    makes a date or a date-time of what is not quoted and text of what is: all three are read, with a
    time only where it is midnight.
#}
{% macro dia_lido(valor) -%}
    {%- set momento = momento_lido(valor) -%}
    {{ return(momento[:10] if momento[10:] == ' 00:00:00' and momento >= '1900' else '') }}
{%- endmacro %}

{# The same for a moment in UTC, as `YYYY-MM-DD HH:MM:SS[.ffffff]`; a day is its first moment. #}
{% macro momento_lido(valor) -%}
    {%- set lido = modules.re.fullmatch(
        '([0-9]{4})-([0-9]{2})-([0-9]{2})'
        ~ '(?:[ Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]{1,6}))?)?)?(?:Z|[+]00(?::?00)?)?',
        valor | string | trim
    ) -%}
    {%- if lido -%}
        {%- set partes = lido.groups('0') -%}
        {%- set ano, mes, dia = partes[0] | int, partes[1] | int, partes[2] | int -%}
        {%- if 1 <= ano <= 9998 and 1 <= mes <= 12 and 1 <= dia <= 31
            and partes[3] | int < 24 and partes[4] | int < 60 and partes[5] | int < 60 -%}
            {#- A day that its month lacks falls into the next one. -#}
            {%- set data = modules.datetime.date(ano, mes, 1)
                + modules.datetime.timedelta(days=dia - 1) -%}
            {%- if data.month == mes -%}
                {%- set fracao = partes[6].rstrip('0') -%}
                {{ return(
                    data.isoformat() ~ ' ' ~ '%02d:%02d:%02d' % (
                        partes[3] | int, partes[4] | int, partes[5] | int
                    ) ~ ('.' ~ fracao if fracao else '')
                ) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}

{# The variable `data_referencia` as `YYYY-MM-DD`; empty where it is not set. #}
{% macro data_referencia() -%}
    {%- set dita = var('data_referencia', none) -%}
    {%- if dita is none or dita == '' -%}{{ return('') }}{%- endif -%}
    {{ return(dia_ou_erro('data_referencia', dita, '2024-02-01')) }}
{%- endmacro %}

{# The variable `ref_datas`, one day or a list of days, as a list of `YYYY-MM-DD`. #}
{% macro ref_datas_ditas() -%}
    {%- set ditas = var('ref_datas', none) -%}
    {%- if ditas is none or ditas == '' -%}{{ return([]) }}{%- endif -%}
    {%- set dias = [] -%}
    {%- for dita in (ditas if ditas is sequence and ditas is not string and ditas is not mapping
        else [ditas]) -%}
        {%- do dias.append(dia_ou_erro('ref_datas', dita, '[2024-02-01, 2024-01-01]')) -%}
    {%- endfor -%}
    {{ return(dias) }}
{%- endmacro %}

{# The day, or an end of the run that says which variable holds what and how it is written. #}
{% macro dia_ou_erro(nome, valor, exemplo) -%}
    {%- set dia = dia_lido(valor) -%}
    {%- if not dia -%}
        {{ exceptions.raise_compiler_error(
            nome ~ " holds '" ~ valor ~ "', which is not a day. Write " ~ exemplo ~ '.'
        ) }}
    {%- endif -%}
    {{ return(dia) }}
{%- endmacro %}
