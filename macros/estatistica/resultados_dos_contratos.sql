{#
    Each contract of a score once for each target (`alvo`, `mau`) in its vintage, and once more in
    `TODAS`. A macro and no model of its own, as each of its two readers groups by another column; no
    CTE for the contracts, of which PostgreSQL would write out a copy that is read six times.
#}
{% macro resultados_dos_contratos(contratos, coluna) -%}
    {%- for alvo in ['ever30', 'ever60', 'ever90'] %}
    {%- set fora = loop %}
    {%- for safra in [mes_em_texto('safra'), "'TODAS'"] %}
    select
        modelo,
        versao_modelo,
        sentido,
        {{ safra }} as safra,
        janela_mob,
        '{{ alvo }}' as alvo,
        {{ coluna }},
        {{ alvo }} as mau
    from {{ contratos }}
    {% if not (fora.last and loop.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
