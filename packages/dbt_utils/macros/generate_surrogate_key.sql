{#- One text key out of several columns: the md5 of their texts joined by dashes, a null column
    standing as a fixed word (or as '' where surrogate_key_treat_nulls_as_empty_strings is set). -#}
{%- macro generate_surrogate_key(field_list) -%}
    {%- set null_word = '_dbt_utils_surrogate_key_null_' -%}
    {%- if var('surrogate_key_treat_nulls_as_empty_strings', false) -%}
        {%- set null_word = '' -%}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for field in field_list -%}
        {%- if not loop.first -%}{%- do parts.append("'-'") -%}{%- endif -%}
        {%- set as_text = 'cast(' ~ field ~ ' as ' ~ dbt.type_string() ~ ')' -%}
        {%- do parts.append('coalesce(' ~ as_text ~ ", '" ~ null_word ~ "')") -%}
    {%- endfor -%}
    {{- dbt.hash(dbt.concat(parts)) -}}
{%- endmacro -%}
