{#- Fails where a fact holds other rows in all, or another sum of an amount, than its reconciliation has
    for staging: a row of a load that the reconciliation does not know shows here. -#}
{% test soma_do_fato(model, fato, valor) %}
select
    f.linhas as linhas_do_fato,
    r.linhas as linhas_staging,
    f.valor as valor_do_fato,
    r.valor as valor_staging
from (
    select
        count(*) as linhas,
        coalesce(sum({{ valor }}), 0) as valor
    from {{ fato }}
) as f
cross join (
    select
        coalesce(sum(linhas_staging), 0) as linhas,
        coalesce(sum(valor_staging), 0) as valor
    from {{ model }}
) as r
where
    f.linhas <> r.linhas
    or f.valor <> r.valor
{% endtest %}
