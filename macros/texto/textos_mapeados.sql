{#
    A query for what a seed says of the texts of a column, by the text as it was typed: keys are made of
    the few texts that differ and not of every row. A text that the seed does not hold has no row.
#}
{% macro textos_mapeados(relacao, coluna, seed, ditos) -%}
    select
        t.texto,
        {%- for dito in ditos %}
        m.{{ dito }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select distinct {{ coluna }} as texto from {{ relacao }}) as t
    inner join (
        select distinct
            {{ chave_de_texto('valor_fonte') }} as chave,
            {{ ditos | join(', ') }}
        from {{ seed }}
    ) as m on {{ chave_de_texto('t.texto') }} = m.chave
{%- endmacro %}
