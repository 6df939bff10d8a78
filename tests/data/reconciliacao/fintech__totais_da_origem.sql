{%- set tabelas = tabelas_da_fintech() -%}
with

contadas as (
    select
        origem,
        linhas_origem,
        _carga_id,
        row_number() over (partition by origem order by _carga_id desc) as ordem
    from {{ source('controle', 'cargas') }}
    where
        fonte = 'fintech'
        and origem in (
            {%- for tabela in tabelas %}
            '{{ tabela }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
        and status in ('ok', 'sem_novidade')
),

-- What stands in staging, and what stands in quarantine.
armazem as (
    {%- for tabela, dela in tabelas.items() %}
    select
        '{{ tabela }}' as origem,
        (
            select count(*)
            from {{ ref('stg_fintech__' ~ tabela) }}
            where excluido_na_fonte_em is null and not {{ esquecido(dela.chave) }}
        ) + (
            select count(*)
            from {{ ref('quarentena_' ~ tabela) }}
            where not {{ esquecido(dela.chave) }}
        ) as linhas
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

fintech__totais_da_origem as (
    select
        c._carga_id,
        c.origem,
        c.linhas_origem,
        a.linhas as linhas_no_armazem
    from contadas as c
    inner join armazem as a on c.origem = a.origem
    where
        c.ordem = 1
        and (c.linhas_origem is null or c.linhas_origem <> a.linhas)
)

select * from fintech__totais_da_origem
