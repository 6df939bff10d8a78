{#
    The day R of what is looked at "now": the variable `data_referencia`, else the day of
    `conhecido_ate`, else the day of the run. Only what happened before its first moment counts.
#}
{% macro dia_de_referencia() -%}
    {{ return(
        data_referencia() or conhecido_ate()[:10] or run_started_at.strftime('%Y-%m-%d')
    ) }}
{%- endmacro %}

{#
    So many hours before the first moment of that day in the business's zone (var `fuso_negocio`), as
    a timestamp in UTC. Where a clock is turned back over midnight, or midnight is left out, the day
    begins when its date is first there to stay.
#}
{% macro instante_de_referencia(horas_antes=0) -%}
    {%- set zona = modules.pytz.timezone(var('fuso_negocio', 'America/Sao_Paulo')) -%}
    {%- set meia_noite = modules.datetime.datetime.fromisoformat(dia_de_referencia()) -%}
    {%- set candidatos = [] -%}
    {%- for verao in (true, false) -%}
        {%- set local = zona.normalize(zona.localize(meia_noite, is_dst=verao)) -%}
        {%- if local.date() == meia_noite.date() -%}
            {%- do candidatos.append(local.astimezone(modules.pytz.utc)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set instante = (candidatos | min) - modules.datetime.timedelta(hours=horas_antes) -%}
    cast('{{ instante.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endmacro %}
