{#
    The key under which a typed text is looked up in a canonical list: no case, accents, gender
    ending, punctuation or spaces. `' Divorciada'`, `'DIVORCIADO(A)'` and `'divorciado '` meet.
    Accents go by hand on every engine: PostgreSQL has them in an extension that may be missing.
    The last characters of the first list are combining accents, which have no partner in the
    second and so disappear.
#}
{% macro chave_de_texto(texto) -%}
    {%- set sem_acento -%}
        translate(
            {{ limpar_texto(texto) }},
            'ÁÀÂÃÄÅÇÉÈÊËÍÌÎÏÑÓÒÔÕÖÚÙÛÜÝªº'
            {%- for codigo in [768, 769, 770, 771, 776, 807] %} || {{ caractere(codigo) }}{% endfor %},
            'AAAAAACEEEEIIIINOOOOOUUUUYAO'
        )
    {%- endset -%}
    {%- set so_palavras = regexp_substituir(sem_acento, '[^A-Z0-9]+', ' ') -%}
    {%- set sem_genero = regexp_substituir(so_palavras ~ " || ' '", '[AO]S? ', ' ') -%}
    {{ regexp_substituir(sem_genero, ' ', '') }}
{%- endmacro %}
