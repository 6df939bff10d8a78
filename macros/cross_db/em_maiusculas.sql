{#
    Upper case, accented letters included. A PostgreSQL database in the C locale leaves those as they
    are, so there they are raised by hand, and only in texts that hold any: `translate` is slow.
#}
{% macro em_maiusculas(texto) -%}
    {{ return(adapter.dispatch('em_maiusculas', 'lastro')(texto)) }}
{%- endmacro %}

{% macro default__em_maiusculas(texto) -%}
    upper({{ texto }})
{%- endmacro %}

{% macro postgres__em_maiusculas(texto) -%}
    case
        when octet_length({{ texto }}) = length({{ texto }}) then upper({{ texto }})
        else upper(
            translate(
                {{ texto }},
                'áàâãäåçéèêëíìîïñóòôõöúùûüýæøœ',
                'ÁÀÂÃÄÅÇÉÈÊËÍÌÎÏÑÓÒÔÕÖÚÙÛÜÝÆØŒ'
            )
        )
    end
{%- endmacro %}
