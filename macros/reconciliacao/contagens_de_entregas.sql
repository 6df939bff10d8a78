{#
    The steps of the reconciliation of one of the issuer's files, up to `contagens`: each class
    counted in the relation that holds it, not in one common query. What stands in raw and in
    quarantine is text, and is read here once more. Of everything loaded, so without `conhecida`.
#}
{% macro contagens_de_entregas(entidade, valor) -%}
{%- set base = ref('base_pod_cartoes__' ~ entidade) -%}
cargas as (
    select *
    from {{ source('controle', 'cargas') }}
    where
        fonte = 'pod_cartoes'
        and entidade = '{{ entidade }}'
        -- A file that was there already landed nothing, and a load that failed neither.
        and status in ('ok', 'rejeitado')
),

{% for classe, relacao in {
    'raw': source('pod_cartoes', entidade), 'quarentena': ref('quarentena_' ~ entidade),
}.items() -%}
{{ classe }}_lida as (
    select
        b._carga_id,
        {{ tentar_decimal('b.' ~ valor, 'c.forma_decimal') }} as {{ valor }}
    from {{ relacao }} as b
    left join cargas as c on b._carga_id = c._carga_id
),

{{ classe }} as (
    {{ total_por_carga(classe ~ '_lida', valor) }}
),

{% endfor -%}
substituidas as (
    {{ total_por_carga(base, valor, "situacao = 'substituida'") }}
),

duplicadas as (
    {{ total_por_carga(base, valor, "situacao = 'duplicada'") }}
),

staging as (
    {{ total_por_carga(ref('stg_pod_cartoes__' ~ entidade), valor) }}
),

mart as (
    {{ total_por_carga(ref('fact_' ~ entidade[:-1]), valor) }}
),

contagens as (
    select
        c._carga_id,
        c.origem,
        c.entrega,
        c.status,
        coalesce(c.lidas, 0) as linhas_arquivo,
        coalesce(c.rejeitadas, 0) as linhas_rejeitadas,
        coalesce(raw.linhas, 0) as linhas_raw,
        coalesce(substituidas.linhas, 0) as linhas_substituidas,
        coalesce(quarentena.linhas, 0) as linhas_quarentena,
        coalesce(duplicadas.linhas, 0) as linhas_duplicadas,
        coalesce(staging.linhas, 0) as linhas_staging,
        coalesce(mart.linhas, 0) as linhas_mart,
        coalesce(raw.linhas_valor_ilegivel, 0) as linhas_valor_ilegivel,
        coalesce(raw.valor, 0) as valor_raw,
        coalesce(substituidas.valor, 0) as valor_substituido,
        coalesce(quarentena.valor, 0) as valor_quarentena,
        coalesce(duplicadas.valor, 0) as valor_duplicado,
        coalesce(staging.valor, 0) as valor_staging,
        coalesce(mart.valor, 0) as valor_mart
    from cargas as c
    {% for classe in [
        'raw', 'substituidas', 'quarentena', 'duplicadas', 'staging', 'mart',
    ] -%}
    left join {{ classe }} on c._carga_id = {{ classe }}._carga_id
    {% endfor %}
)
{%- endmacro %}
