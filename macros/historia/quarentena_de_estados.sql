{#
    The whole of a model of every state that was ever set aside, with when it came and left. A deletion
    holds only the key: it is no state that could be set aside.
#}
{% macro historico_da_quarentena(base, chave, colunas) -%}
with

estados as (
    select * from {{ base }}
),

saidas as (
    {{ saidas_da_quarentena(base, chave) }}
),

historico as (
    select
        {%- for coluna in colunas %}
        e.{{ coluna }},
        {%- endfor %}
        e.motivos,
        e._ilegiveis,
        e._carga_id,
        e._tabela,
        e._linha,
        e._carregado_em as entrou_em,
        s.saiu_em
    from estados as e
    left join saidas as s on e.{{ chave }} = s.{{ chave }} and e._carga_id = s._carga_id
    where
        e.motivos is not null
        and e._operacao <> 'exclusao'
)

select * from historico
{%- endmacro %}

{# The whole of a model of what is set aside now: those of such a history that did not leave. #}
{% macro em_quarentena(historico, colunas) -%}
with

historico as (
    select * from {{ historico }}
),

em_quarentena as (
    select
        {%- for coluna in colunas %}
        {{ coluna }},
        {%- endfor %}
        motivos,
        _ilegiveis,
        _carga_id,
        _tabela,
        _linha,
        entrou_em as _carregado_em
    from historico
    where saiu_em is null
)

select * from em_quarentena
{%- endmacro %}
