{#
    Schemas are named as in the docs on every engine, after the sandbox prefix, and with
    `conhecido_ate` after one more, so that such a build never writes to the live ones.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set sandbox = env_var('LASTRO_SCHEMA_PREFIX', '') -%}
    {%- set nome = target.schema[sandbox | length:] if custom_schema_name is none
        else custom_schema_name | trim -%}
    {%- set esquema = sandbox ~ prefixo_de_conhecido_ate() ~ nome -%}
    {%- if esquema | length > 63 -%}
        {{ exceptions.raise_compiler_error(
            'The schema ' ~ esquema ~ ' has more than the 63 letters that PostgreSQL keeps of a '
            ~ 'name. Choose a shorter LASTRO_SCHEMA_PREFIX.'
        ) }}
    {%- endif -%}
    {{ esquema }}
{%- endmacro %}
