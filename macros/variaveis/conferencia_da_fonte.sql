{#
    Whether the balance that a source states is net of pending debits (var `saldo_inclui_reservas`): which
    class of rec_saldo is then the expected one.
#}
{% macro saldo_inclui_reservas() -%}
    {{ return(var('saldo_inclui_reservas', false) | string | lower == 'true') }}
{%- endmacro %}

{#
    Within how many seconds two equal payments are suspected to be one (var `segundos_duplicidade`).
#}
{% macro segundos_duplicidade() -%}
    {%- set dito = var('segundos_duplicidade', 120) | string | trim -%}
    {%- if not modules.re.fullmatch('[0-9]{1,9}', dito) -%}
        {{ exceptions.raise_compiler_error(
            "The variable segundos_duplicidade is '" ~ dito ~ "'; it is a whole number of seconds."
        ) }}
    {%- endif -%}
    {{ return(dito | int) }}
{%- endmacro %}
