{#
    A query for the fields of JSON objects, one row each: the kept columns, the field's name as `campo`,
    its value as text as `valor` (null for JSON's null) and as JSON as `escrito`. What is no object has
    no row. A number is written as the engine writes it: 1.10 may come as 1.1.
#}
{% macro campos_do_json(relacao, mantidas, texto) -%}
    {{ return(adapter.dispatch('campos_do_json', 'lastro')(relacao, mantidas, texto)) }}
{%- endmacro %}

{% macro duckdb__campos_do_json(relacao, mantidas, texto) -%}
    select
        {%- for coluna in mantidas %}
        t.{{ coluna }},
        {%- endfor %}
        j.key as campo,
        json_extract_string(j.value, '$') as valor,
        cast(j.value as text) as escrito
    from {{ relacao }} as t,
        json_each(case when {{ objeto_json('t.' ~ texto) }} then t.{{ texto }} else '{}' end) as j
{%- endmacro %}

{% macro postgres__campos_do_json(relacao, mantidas, texto) -%}
    select
        {%- for coluna in mantidas %}
        t.{{ coluna }},
        {%- endfor %}
        j.campo,
        j.conteudo #>> '{}' as valor,
        cast(j.conteudo as text) as escrito
    from {{ relacao }} as t
    cross join lateral json_each(
        cast(case when {{ objeto_json('t.' ~ texto) }} then t.{{ texto }} else '{}' end as json)
    ) as j (campo, conteudo)
{%- endmacro %}

{# Of a list Spark gives elements as JSON, of an object values as text. #}
{% macro spark__campos_do_json(relacao, mantidas, texto) -%}
    select
        {%- for coluna in mantidas %}
        t.{{ coluna }},
        {%- endfor %}
        t.campo,
        t.valor,
        coalesce(
            get_json_object('[' || t._objeto || ']', concat("$[*]['", t.campo, "']")),
            case when t.valor is null then 'null' else get_json_object(
                '[' || to_json(array(t.valor)) || ']', '$[0][0]'
            ) end
        ) as escrito
    from (
        select
            {%- for coluna in mantidas %}
            o.{{ coluna }},
            {%- endfor %}
            o.{{ texto }} as _objeto,
            explode(from_json(o.{{ texto }}, 'map<string,string>')) as (campo, valor)
        from {{ relacao }} as o
        where {{ objeto_json('o.' ~ texto) }}
    ) as t
{%- endmacro %}

{#
    Whether a text is a JSON object that every engine reads. An escaped NUL is in none: PostgreSQL has
    no text that could hold it.
#}
{% macro objeto_json(texto) -%}
    {{ return(adapter.dispatch('objeto_json', 'lastro')(texto)) }}
{%- endmacro %}

{% macro duckdb__objeto_json(texto) -%}
    case
        when json_valid({{ texto }})
            then json_type({{ texto }}) = 'OBJECT' and {{ texto }} not like '%' || chr(92) || 'u0000%'
        else false
    end
{%- endmacro %}

{% macro postgres__objeto_json(texto) -%}
    case
        when pg_input_is_valid({{ texto }}, 'jsonb')
            then json_typeof(cast({{ texto }} as json)) = 'object'
        else false
    end
{%- endmacro %}

{% macro spark__objeto_json(texto) -%}
    coalesce(
        left(get_json_object('[' || {{ texto }} || ']', '$[0]'), 1) = '{'
        and instr({{ texto }}, '\\u0000') = 0,
        false
    )
{%- endmacro %}

{# A text as JSON writes it, between quotes. #}
{% macro texto_em_json(texto) -%}
    '"' || replace(replace({{ texto }}, chr(92), chr(92) || chr(92)), '"', chr(92) || '"') || '"'
{%- endmacro %}
