{#
    The reasons to set a line of a file aside, of which beside each typed column stands its text as
    `<column>_bruto`. A blank field is not illegible as well.
#}
{% macro motivos_da_linha(ids, datas, valores, regras) -%}
    {%- set maus_ids, sem_valor, fora_de_epoca = motivos_dos_ids(ids), {}, {} -%}
    {%- for coluna in datas + valores -%}
        {%- set vazia = em_branco(coluna ~ '_bruto') -%}
        {%- do sem_valor.update({
            coluna ~ ' em branco': coluna ~ ' is null and ' ~ vazia,
            coluna ~ ' ilegível': coluna ~ ' is null and not ' ~ vazia,
        }) -%}
    {%- endfor -%}
    {%- for coluna in datas -%}
        {%- do fora_de_epoca.update({
            coluna ~ ' antes de 1990-01-01': coluna ~ " < cast('1990-01-01' as date)",
            coluna ~ ' mais de 5 anos depois da carga': coluna ~ ' > data_maxima',
        }) -%}
    {%- endfor -%}
    {#- Why a column has no value is asked only where some rule is broken. -#}
    {%- set triagem = maus_ids.values() | list + fora_de_epoca.values() | list
        + regras.values() | list -%}
    {%- for coluna in datas + valores -%}
        {%- do triagem.append(coluna ~ ' is null') -%}
    {%- endfor -%}
    {{ lista_de_motivos(
        dict(maus_ids, **dict(sem_valor, **dict(fora_de_epoca, **regras))),
        triagem=triagem | join(' or ')
    ) }}
{%- endmacro %}
