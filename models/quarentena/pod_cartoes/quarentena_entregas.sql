{#- on Spark `lastro lake publish` reads it without a session, which a view needs -#}
{{ config(alias='entregas', materialized='table' if target.type == 'spark' else 'view') }}

with

correntes as (
    select * from {{ ref('base_pod_cartoes__entregas') }}
    where vigente
),

faturas as (
    select * from {{ ref('rec_faturas') }}
),

pagamentos as (
    select * from {{ ref('rec_pagamentos') }}
),

-- Before it payments can only be orphans. A historical load of invoices comes before every month.
primeira_de_faturas as (
    select min(case when entrega = 'historico' then '' else entrega end) as entrega
    from correntes
    where entidade = 'faturas'
),

contadas as (
    select
        _carga_id,
        origem,
        linhas_arquivo,
        linhas_rejeitadas,
        linhas_quarentena,
        linhas_duplicadas,
        cast(0 as bigint) as linhas_orfas
    from faturas
    union all
    select
        _carga_id,
        origem,
        linhas_arquivo,
        linhas_rejeitadas,
        linhas_quarentena,
        linhas_duplicadas,
        linhas_orfas
    from pagamentos
),

medidas as (
    select
        e.entidade,
        e.entrega,
        e.entrega = 'historico' as historico,
        e.entidade = 'pagamentos'
        and (p.entrega is null or e.entrega < p.entrega) as antes_das_faturas,
        c._carga_id,
        c.origem,
        c.linhas_arquivo,
        c.linhas_rejeitadas,
        c.linhas_quarentena,
        c.linhas_duplicadas,
        c.linhas_orfas,
        e.carregada_em
    from correntes as e
    inner join contadas as c on e._carga_id = c._carga_id
    cross join primeira_de_faturas as p
),

quarentena_entregas as (
    select
        entidade,
        entrega,
        _carga_id,
        origem,
        linhas_arquivo,
        linhas_rejeitadas,
        linhas_quarentena,
        linhas_duplicadas,
        linhas_orfas,
        {{ percentual('linhas_rejeitadas', 'linhas_arquivo') }} as percentual_rejeitado,
        {{ percentual('linhas_quarentena', 'linhas_arquivo') }} as percentual_quarentena,
        {{ percentual('linhas_duplicadas', 'linhas_arquivo') }} as percentual_duplicado,
        {{ percentual('linhas_orfas', 'linhas_arquivo') }} as percentual_orfao,
        {{ lista_de_motivos({
            'quarentena': acima_do_limite('linhas_quarentena', var('alerta_quarentena')),
            'duplicadas':
                'not historico and ' ~ acima_do_limite('linhas_duplicadas', var('alerta_duplicadas')),
            'orfas':
                'not historico and not antes_das_faturas and '
                ~ acima_do_limite('linhas_orfas', var('alerta_orfas')),
        }) }} as alertas,
        carregada_em
    from medidas
)

select * from quarentena_entregas
