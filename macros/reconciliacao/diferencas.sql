{#
    What is left over when each row is counted once, from the source to the mart; every
    reconciliation asks the same. Differences of opposite sign do not cancel out.
#}
{% macro diferenca_de_linhas() -%}
    cast(
        abs(linhas_arquivo - linhas_rejeitadas - linhas_raw)
        + abs(
            linhas_raw - linhas_substituidas - linhas_quarentena - linhas_duplicadas
            - linhas_staging
        )
        + abs(linhas_staging - linhas_mart) as bigint
    )
{%- endmacro %}

{# The same for the amounts, from raw on: what a file adds up to nobody says. #}
{% macro diferenca_de_valor() -%}
    cast(
        abs(valor_raw - valor_substituido - valor_quarentena - valor_duplicado - valor_staging)
        + abs(valor_staging - valor_mart) as decimal(25, 2)
    )
{%- endmacro %}
