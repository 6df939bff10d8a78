{#
    Statements that fix how this connection writes values as text: a fingerprint that is asked for
    here and again by `lastro publish` is of texts. The server, the database, the user and PGTZ may
    say otherwise (loaders/armazem/postgres.py fixes the same).
#}
{% macro fixar_sessao() -%}
    {{ return(adapter.dispatch('fixar_sessao', 'lastro')()) }}
{%- endmacro %}

{% macro default__fixar_sessao() -%}
    set timezone = 'UTC'
{%- endmacro %}

{% macro postgres__fixar_sessao() -%}
    set timezone = 'UTC';
    set datestyle = 'ISO, YMD';
    set intervalstyle = 'postgres';
    set bytea_output = 'hex';
    set extra_float_digits = 1
{%- endmacro %}

{% macro spark__fixar_sessao() -%}
    set time zone 'UTC'
{%- endmacro %}
