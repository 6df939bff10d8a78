{#
    The ref_dates that the run asks for: those of the variable `ref_datas`, one or a list, else the
    first day of each of the last 12 months up to the variable `data_referencia`, else up to the day
    of `conhecido_ate`, else up to the day of the run.
#}
{% macro ref_datas_pedidas() -%}
    {%- set pedidas = ref_datas_ditas() -%}
    {%- if not pedidas -%}
        {%- set referencia = data_referencia() or conhecido_ate()[:10]
            or run_started_at.strftime('%Y-%m-%d') -%}
        {%- set mes = modules.datetime.date.fromisoformat(referencia).replace(day=1) -%}
        {%- for atras in range(12) -%}
            {%- set meses = mes.year * 12 + mes.month - 1 - atras -%}
            {%- do pedidas.append(
                modules.datetime.date(meses // 12, meses % 12 + 1, 1) | string
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(pedidas | unique | sort) }}
{%- endmacro %}
