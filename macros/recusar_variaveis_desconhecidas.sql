{#
    dbt passes over a variable that nobody reads: with `conhecido_at` for `conhecido_ate` the live
    schemas would be built, and nobody told. What is read stands in the texts of the project.
#}
{% macro recusar_variaveis_desconhecidas() -%}
    {%- set pedidas = (invocation_args_dict.get('vars') or {}) | list if execute else [] -%}
    {%- set textos = ["var('conhecido_ate'"] if pedidas else [] -%}
    {%- if pedidas -%}
        {%- for no in graph.nodes.values() if no.package_name == project_name -%}
            {%- do textos.append(no.raw_code or '') -%}
        {%- endfor -%}
        {%- for macro in context.values() | selectattr('macro', 'defined') -%}
            {%- do textos.append(macro.macro.macro_sql) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set lidas = modules.re.findall("\\bvar\\(\\s*['\"](\\w+)['\"]", textos | join('\n')) -%}
    {%- for nome in pedidas if nome not in lidas -%}
        {{ exceptions.raise_compiler_error(
            "There is no variable '" ~ nome ~ "'; there are "
            ~ lidas | unique | sort | join(', ') ~ '.'
        ) }}
    {%- endfor -%}
    {{ return('') }}
{%- endmacro %}
