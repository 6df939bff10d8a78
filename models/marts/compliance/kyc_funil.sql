{%- set agora = instante_de_referencia() %}
with

usuarios as (
    select * from {{ ref('kyc_usuario') }}
),

-- What had happened before the reference day; a decision without a date is taken to have.
ate_a_referencia as (
    select
        {{ data_local('cadastrado_em') }} as data_coorte,
        situacao_kyc,
        coalesce(primeiro_documento_em < {{ agora }}, false) as tem_documento,
        coalesce(primeira_consulta_em < {{ agora }}, false) as tem_consulta,
        coalesce(situacao_kyc in ('aprovado', 'recusado'), false)
        and (decidido_em is null or decidido_em < {{ agora }}) as decidido,
        coalesce(primeiro_documento_em < {{ instante_de_referencia(24) }}, false) as ha_24h,
        coalesce(primeiro_documento_em < {{ instante_de_referencia(72) }}, false) as ha_72h
    from usuarios
    where cadastrado_em is null or cadastrado_em < {{ agora }}
),

contados as (
    select
        data_coorte,
        count(*) as cadastrados,
        count(*) filter (where tem_documento or tem_consulta or decidido) as com_documento,
        count(*) filter (where tem_consulta or decidido) as com_consulta,
        count(*) filter (where decidido) as decididos,
        count(*) filter (where decidido and situacao_kyc = 'aprovado') as aprovados,
        count(*) filter (where decidido and situacao_kyc = 'recusado') as recusados,
        count(*) filter (where not decidido) as pendentes,
        count(*) filter (where not decidido and ha_24h) as pendentes_24h,
        count(*) filter (where not decidido and ha_72h) as pendentes_72h
    from ate_a_referencia
    group by data_coorte
),

kyc_funil as (
    select
        data_coorte,
        cadastrados,
        com_documento,
        com_consulta,
        decididos,
        aprovados,
        recusados,
        pendentes,
        pendentes_24h,
        pendentes_72h,
        100 * {{ razao('com_documento', 'cadastrados') }} as conversao_2,
        100 * {{ razao('com_consulta', 'com_documento') }} as conversao_3,
        100 * {{ razao('decididos', 'com_consulta') }} as conversao_4,
        100 * {{ razao('aprovados', 'decididos') }} as conversao_5,
        100 * {{ razao('com_documento', 'cadastrados') }} as conversao_total_2,
        100 * {{ razao('com_consulta', 'cadastrados') }} as conversao_total_3,
        100 * {{ razao('decididos', 'cadastrados') }} as conversao_total_4,
        100 * {{ razao('aprovados', 'cadastrados') }} as conversao_total_5
    from contados
)

select * from kyc_funil
