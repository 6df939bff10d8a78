{#- Lists the rows in which a source disagrees with itself. Nothing that was built is wrong for it, so the
    variable severidade_fonte says what a build does: it warns, unless told to stop. -#}
{% test fonte_concorda(model, condicao) %}
{{ config(severity=var('severidade_fonte', 'warn')) }}
select *
from {{ model }}
where not coalesce({{ condicao }}, false)
{% endtest %}
