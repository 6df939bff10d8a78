{{ config(severity='warn') }}

with

{% for tabela in ['associado', 'conta', 'cartao'] -%}
{{ tabela }} as (
    {{ estado_mais_recente(ref('base_sicooperative__' ~ tabela), 'id_' ~ tabela) }}
),

{% endfor -%}
sicooperative__valores_ilegiveis as (
    {%- for tabela in ['associado', 'conta', 'cartao'] %}
    select
        '{{ tabela }}' as tabela,
        id_{{ tabela }} as chave,
        {{ regexp_substituir('_ilegiveis', '=[^;]*', '') }} as colunas
    from {{ tabela }}
    where not excluido_na_origem and _ilegiveis is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from sicooperative__valores_ilegiveis
