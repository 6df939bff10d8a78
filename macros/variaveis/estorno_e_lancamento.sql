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

{#
    Whether an entry of a status counts in the balance, from the row of situacao_transacao that stands for
    it; null where there is none. It does not say whether the source still has the entry.
#}
{% macro situacao_conta(linha) -%}
    ({{ linha }}.afeta_saldo and {{ 'true' if estorno_e_lancamento()
        else linha ~ ".situacao <> 'estornada'" }})
{%- endmacro %}
