{#
    Schemas are named as in the docs on every engine, after the sandbox prefix, and with
    `conhecido_ate` after one more, so that such a build never writes to the live ones. A mart
    stands in the schema of its area, which is its folder.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set sandbox = prefixo_de_esquemas() -%}
    {%- set area = area_do_mart(node) -%}
    {%- set nome = custom_schema_name | trim if custom_schema_name is not none
        else area or target.schema[sandbox | length:] -%}
    {%- set esquema = sandbox ~ prefixo_de_conhecido_ate() ~ nome -%}
    {%- if esquema | length > 63 -%}
        {{ exceptions.raise_compiler_error(
            'The schema ' ~ esquema ~ ' has more than the 63 letters that PostgreSQL keeps of a '
            ~ 'name. Choose a shorter LASTRO_SCHEMA_PREFIX.'
        ) }}
    {%- endif -%}
    {{ esquema }}
{%- endmacro %}

{#
    The sandbox prefix, unless a schema with it would be one of the server's or of another warehouse's
    (`pub_` and `core` make `pub_core`). loaders/nucleo/configuracao.py knows the same.
#}
{% macro prefixo_de_esquemas() -%}
    {%- set prefixo = env_var('LASTRO_SCHEMA_PREFIX', '') -%}
    {%- if not modules.re.fullmatch('([a-z][a-z0-9_]{0,23})?', prefixo)
        or modules.re.fullmatch(
            'pg_.*|.*(pub_|raw_)|.*conhecido_ate_.*|current|v[0-9]{8}_.*', prefixo
        ) -%}
        {{ exceptions.raise_compiler_error(
            'LASTRO_SCHEMA_PREFIX: a prefix is up to 24 lower-case letters, digits and _, begins '
            ~ 'with a letter, and makes no name that is another warehouse\'s: it may not begin with '
            ~ 'pg_, end in pub_ or raw_, hold conhecido_ate_, or be called like a published version.'
        ) }}
    {%- endif -%}
    {{ return(prefixo) }}
{%- endmacro %}
