{# Aggregate: texts in one, with a separator between them, in the order of another text's bytes; null of none. #}
{% macro texto_agregado(texto, separador, ordem) -%}
    {{ return(adapter.dispatch('texto_agregado', 'lastro')(texto, separador, ordem)) }}
{%- endmacro %}

{% macro default__texto_agregado(texto, separador, ordem) -%}
    string_agg({{ texto }}, '{{ separador }}' order by {{ em_bytes(ordem) }})
{%- endmacro %}

{# An empty text of no element and of empty ones is the same to array_join. #}
{% macro spark__texto_agregado(texto, separador, ordem) -%}
    case
        when count({{ texto }}) > 0
            then array_join(
                transform(
                    array_sort(
                        collect_list(
                            case when {{ texto }} is not null
                                then struct({{ ordem }} as ordem, {{ texto }} as texto) end
                        )
                    ),
                    e -> e.texto
                ),
                '{{ separador }}'
            )
    end
{%- endmacro %}
