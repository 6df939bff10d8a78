{# The area of a mart: its folder under models/marts. Empty for all else, and for one in no folder. #}
{% macro area_do_mart(node) -%}
    {%- set lugar = node.fqn if node is not none and node.fqn is defined else [] -%}
    {{ return(lugar[2] if lugar | length > 3 and lugar[1] == 'marts' else '') }}
{%- endmacro %}

{#
    What people read has a schema that says whose it is, a contract, a group and an access level. A
    mart in a new folder that lacks one would be published to nobody, or change unseen: the run stops
    and says which line is missing. `make lint` asks the same.
#}
{% macro recusar_modelos_sem_lugar() -%}
    {%- set problemas = [] -%}
    {%- for no in (graph.nodes.values() if execute else [])
        if no.resource_type == 'model' and no.package_name == project_name
        and no.fqn[1] in ('core', 'marts', 'reconciliacao') -%}
        {%- set area = area_do_mart(no) if no.fqn[1] == 'marts' else no.fqn[1] -%}
        {%- set grupo = area if no.fqn[1] == 'marts' else 'core' -%}
        {%- set dele = problemas.append -%}
        {%- if not area -%}
            {%- do dele(no.original_file_path ~ ': put it into a folder, models/marts/<area>/') -%}
        {%- else -%}
            {%- if no.config.schema not in (none, area) -%}
                {%- do dele(no.original_file_path ~ ': its schema is ' ~ area
                    ~ ', as its folder; take schema=\'' ~ no.config.schema ~ '\' away') -%}
            {%- endif -%}
            {%- if no.group != grupo -%}
                {%- do dele(no.original_file_path ~ ': not in the group ' ~ grupo
                    ~ '; dbt_project.yml, under marts, wants `' ~ grupo ~ ': {+group: ' ~ grupo
                    ~ '}`') -%}
            {%- endif -%}
            {%- if not no.contract.enforced -%}
                {%- do dele(no.original_file_path ~ ': its contract is switched off') -%}
            {%- endif -%}
            {%- if no.access != 'public' -%}
                {%- do dele(no.original_file_path ~ ': its access is not public') -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problemas -%}
        {{ exceptions.raise_compiler_error(
            'Models that people read lack something (CONTRIBUTING, "Add an area"):\n'
            ~ problemas | unique | sort | join('\n')
        ) }}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}
