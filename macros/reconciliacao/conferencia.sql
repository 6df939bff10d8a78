{#
    The last step of a reconciliation: counts and amounts of the classes in the types of the
    contract, then what is left over when each row is counted once, from the source to the mart.
    Differences of opposite sign do not cancel out.
#}
{% macro conferencia(contagens, identificacao, adicionais=[]) -%}
    select
        {% for coluna in identificacao -%}
        {{ coluna }},
        {% endfor -%}
        {% for nome in [
            'arquivo', 'rejeitadas', 'raw', 'substituidas', 'quarentena', 'duplicadas', 'staging',
            'mart', 'valor_ilegivel',
        ] -%}
        cast(linhas_{{ nome }} as bigint) as linhas_{{ nome }},
        {% endfor -%}
        {% for nome in [
            'raw', 'substituido', 'quarentena', 'duplicado', 'staging', 'mart',
        ] -%}
        cast(valor_{{ nome }} as decimal(25, 2)) as valor_{{ nome }},
        {% endfor -%}
        {% for coluna in adicionais -%}
        {{ coluna }},
        {% endfor -%}
        cast(
            abs(linhas_arquivo - linhas_rejeitadas - linhas_raw)
            + abs(
                linhas_raw - linhas_substituidas - linhas_quarentena - linhas_duplicadas
                - linhas_staging
            )
            + abs(linhas_staging - linhas_mart) as bigint
        ) as diferenca_linhas,
        cast(
            abs(
                valor_raw - valor_substituido - valor_quarentena - valor_duplicado - valor_staging
            )
            + abs(valor_staging - valor_mart) as decimal(25, 2)
        ) as diferenca_valor
    from {{ contagens }}
{%- endmacro %}
