{#
    The moment that the variable `conhecido_ate` names, as `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC;
    empty where it is not set. What is no moment is refused here, before anything is built.
#}
{% macro conhecido_ate() -%}
    {%- set texto = var('conhecido_ate', '') | string | trim -%}
    {%- if texto in ('', 'None') -%}{{ return('') }}{%- endif -%}
    {%- set lido = modules.re.fullmatch(
        '([0-9]{4})-([0-9]{2})-([0-9]{2})'
        ~ '(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]{1,6}))?)?)?(?:Z|[+]00(?::?00)?)?',
        texto
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
    {{ exceptions.raise_compiler_error(
        "conhecido_ate is not a moment in UTC: '" ~ texto ~ "'. Write it as 2024-03-10 12:00:00."
    ) }}
{%- endmacro %}

{# What stands before the name of every schema of a build with `conhecido_ate`; else empty. #}
{% macro prefixo_de_conhecido_ate() -%}
    {%- set momento = conhecido_ate() -%}
    {%- if momento -%}
        {{- return(
            'conhecido_ate_' ~ momento.replace('-', '').replace(':', '').replace(' ', 't')
            .replace('.', '_') ~ '_'
        ) -}}
    {%- endif -%}
    {{- return('') -}}
{%- endmacro %}
