{#- Fails on each load with rows in raw that a reconciliation has no row for: unknown, failed, or said
    to have found nothing new. They would be in no sum at all. -#}
{% test toda_linha_de_raw_contada(model, raw) %}
select
    e._carga_id,
    count(*) as linhas
from {{ raw }} as e
left join {{ model }} as r on e._carga_id = r._carga_id
where r._carga_id is null
group by e._carga_id
{% endtest %}
