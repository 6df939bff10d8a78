{# A query for the rows and the amount of each load in a relation; a null amount counts 0. #}
{% macro total_por_carga(relacao, valor, condicao=none) -%}
    select
        _carga_id,
        count(*) as linhas,
        coalesce(sum({{ valor }}), 0) as valor,
        count(*) - count({{ valor }}) as linhas_valor_ilegivel
    from {{ relacao }}
    {%- if condicao is not none %}
    where {{ condicao }}
    {%- endif %}
    group by _carga_id
{%- endmacro %}
