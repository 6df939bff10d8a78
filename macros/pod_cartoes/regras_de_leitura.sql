{#
    The reasons that both files of the issuer share, by condition: a blank field, an amount or a day
    that is not in the file's form, a day that is not believed. Beside a typed column stands its
    text, named `<column>_bruto`.
#}
{% macro regras_de_leitura(ids, datas, valores) -%}
    {%- set regras = {} -%}
    {%- for coluna in ids -%}
        {%- do regras.update({coluna ~ ' em branco': em_branco(coluna)}) -%}
    {%- endfor -%}
    {%- for coluna in datas + valores -%}
        {%- set vazia = em_branco(coluna ~ '_bruto') -%}
        {%- do regras.update({
            coluna ~ ' em branco': coluna ~ ' is null and ' ~ vazia,
            coluna ~ ' ilegível': coluna ~ ' is null and not (' ~ vazia ~ ')',
        }) -%}
    {%- endfor -%}
    {%- for coluna in datas -%}
        {%- do regras.update({
            coluna ~ ' antes de 1990-01-01': coluna ~ " < cast('1990-01-01' as date)",
            coluna ~ ' mais de 5 anos depois da carga': coluna ~ ' > data_maxima',
        }) -%}
    {%- endfor -%}
    {{ return(regras) }}
{%- endmacro %}
