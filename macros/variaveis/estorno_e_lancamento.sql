{#
    Whether a reversal is an entry of its own, so that the reversed one counts, too (var `estorno`:
    `lancamento`), or the status of the entry that it undoes (`situacao`).
#}
{% macro estorno_e_lancamento() -%}
    {%- set dito = var('estorno', 'lancamento') -%}
    {%- if dito not in ('lancamento', 'situacao') -%}
        {{ exceptions.raise_compiler_error(
            "The variable estorno is '" ~ dito ~ "'; it is lancamento or situacao."
        ) }}
    {%- endif -%}
    {{ return(dito == 'lancamento') }}
{%- endmacro %}
