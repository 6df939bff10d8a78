{%- set tabelas = tabelas_da_fintech() -%}
{%- set com_mart = tabelas.items() | selectattr('1.mart', 'defined') | map('first') | list -%}
with

cargas as (
    select
        *,
        origem in (
            {%- for tabela in com_mart %}
            '{{ tabela }}'{{ ',' if not loop.last }}
            {%- endfor %}
        ) as tem_mart
    from {{ source('controle', 'cargas') }}
    where
        fonte = 'fintech'
        and origem in (
            {%- for tabela in tabelas %}
            '{{ tabela }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
        -- A load that found nothing new landed nothing, and a failed one neither.
        and status in ('ok', 'rejeitado')
),

por_classe as (
    {%- for tabela, dela in tabelas.items() %}
    {{ estados_contados('fintech', tabela, dela.valor, dela.na_fonte, dela.mart, dela.no_mart) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

somadas as (
    select
        tabela,
        _carga_id,
        {%- for classe in ['raw', 'substituidas', 'quarentena', 'staging', 'mart'] %}
        coalesce(sum(linhas) filter (where classe = '{{ classe }}'), 0) as linhas_{{ classe }},
        coalesce(sum(valor) filter (where classe = '{{ classe }}'), 0) as valor_{{ classe }},
        {%- endfor %}
        coalesce(sum(sem_valor) filter (where classe = 'quarentena'), 0) as linhas_valor_ilegivel
    from por_classe
    group by tabela, _carga_id
),

contagens as (
    select
        c.origem as tabela,
        c._carga_id,
        c.status,
        {{ em_utc('c.extraido_em') }} as data_hora_extracao,
        coalesce(c.gravadas, 0) + coalesce(c.rejeitadas, 0) as linhas_arquivo,
        coalesce(c.rejeitadas, 0) as linhas_rejeitadas,
        cast(coalesce(s.linhas_raw, 0) as bigint) as linhas_raw,
        cast(coalesce(s.linhas_substituidas, 0) as bigint) as linhas_substituidas,
        cast(coalesce(s.linhas_quarentena, 0) as bigint) as linhas_quarentena,
        -- A load refuses an extraction that repeats a key, so none ever stands twice.
        cast(0 as bigint) as linhas_duplicadas,
        cast(coalesce(s.linhas_staging, 0) as bigint) as linhas_staging,
        case
            when c.tem_mart then cast(coalesce(s.linhas_mart, 0) as bigint)
        end as linhas_mart,
        cast(coalesce(s.linhas_valor_ilegivel, 0) as bigint) as linhas_valor_ilegivel,
        cast(coalesce(s.valor_raw, 0) as decimal(25, 4)) as valor_raw,
        cast(coalesce(s.valor_substituidas, 0) as decimal(25, 4)) as valor_substituido,
        cast(coalesce(s.valor_quarentena, 0) as decimal(25, 4)) as valor_quarentena,
        cast(coalesce(s.valor_staging, 0) as decimal(25, 4)) as valor_staging,
        case
            when c.tem_mart then cast(coalesce(s.valor_mart, 0) as decimal(25, 4))
            -- PostgreSQL forgets the scale of a case without an else.
            else cast(null as decimal(25, 4))
        end as valor_mart
    from cargas as c
    left join somadas as s on c._carga_id = s._carga_id and c.origem = s.tabela
),

rec_fintech as (
    select
        tabela,
        _carga_id,
        status,
        data_hora_extracao,
        linhas_arquivo,
        linhas_rejeitadas,
        linhas_raw,
        linhas_substituidas,
        linhas_quarentena,
        linhas_duplicadas,
        linhas_staging,
        linhas_mart,
        linhas_valor_ilegivel,
        valor_raw,
        valor_substituido,
        valor_quarentena,
        valor_staging,
        valor_mart,
        cast(
            abs(linhas_arquivo - linhas_rejeitadas - linhas_raw)
            + abs(linhas_raw - linhas_substituidas - linhas_quarentena - linhas_staging)
            + abs(linhas_staging - coalesce(linhas_mart, linhas_staging)) as bigint
        ) as diferenca_linhas,
        cast(
            abs(valor_raw - valor_substituido - valor_quarentena - valor_staging)
            + abs(valor_staging - coalesce(valor_mart, valor_staging)) as decimal(25, 4)
        ) as diferenca_valor
    from contagens
)

select * from rec_fintech
