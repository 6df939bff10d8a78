{#
    A path that was called, as a template: the query is dropped, and a segment of digits, a uuid or at
    least 16 hexadecimal digits is `{id}`. Slashes are doubled meanwhile, so that of two ids in a row
    each has its own: a match takes the slash behind it, and RE2 cannot look ahead.
#}
{% macro modelo_de_caminho(caminho) -%}
    {%- set h = '[0-9a-fA-F]' -%}
    {%- set id = '/([0-9]+|' ~ h ~ '{8}-' ~ h ~ '{4}-' ~ h ~ '{4}-' ~ h ~ '{4}-' ~ h ~ '{12}|'
        ~ h ~ '{16,})/' -%}
    {%- set separado = "'/' || replace(" ~ dbt.split_part(caminho, "'?'", 1) ~ ", '/', '//') || '/'" -%}
    {%- set trocado = regexp_substituir(separado, id, '/{id}/') -%}
    replace(
        substr({{ trocado }}, 2, length({{ trocado }}) - 2), '//', '/'
    )
{%- endmacro %}
