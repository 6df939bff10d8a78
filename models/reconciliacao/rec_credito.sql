{%- set estados = {
    'pedido_credito': {
        'na_fonte': 'valor_solicitado', 'valor': 'valor_solicitado', 'mart': 'fact_pedido_credito',
    },
    'pedido_credito_historico': {'mart': 'int_pedido__sequencia'},
} %}
{%- set conteudos = {'score': 'fact_score', 'evento': 'fact_evento'} %}
{%- set tabelas = estados.keys() | list + conteudos.keys() | list %}
with

cargas as (
    select * from {{ source('controle', 'cargas') }}
    where
        fonte = 'credito'
        and entidade in (
            {%- for tabela in tabelas %}
            '{{ tabela }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
        -- A load that found nothing new landed nothing, and a failed one neither.
        and status in ('ok', 'parcial', 'rejeitado')
),

por_classe as (
    {%- for tabela, dela in estados.items() %}
    {{ estados_contados('credito', tabela, dela.valor, dela.na_fonte, dela.mart) }}
    union all
    {%- endfor %}
    {%- for tabela, mart in conteudos.items() %}
    {{ conteudos_contados('credito', tabela, mart) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

somadas as (
    select
        tabela,
        _carga_id,
        {%- for classe in ['raw', 'substituidas', 'quarentena', 'duplicadas', 'staging', 'mart'] %}
        coalesce(sum(linhas) filter (where classe = '{{ classe }}'), 0) as linhas_{{ classe }},
        coalesce(sum(valor) filter (where classe = '{{ classe }}'), 0) as valor_{{ classe }},
        {%- endfor %}
        coalesce(sum(sem_valor) filter (where classe = 'quarentena'), 0) as linhas_valor_ilegivel
    from por_classe
    group by tabela, _carga_id
),

contagens as (
    select
        c.entidade as tabela,
        c._carga_id,
        c.status,
        {{ em_utc('c.extraido_em') }} as data_hora_extracao,
        coalesce(c.gravadas, 0) as linhas_gravadas,
        coalesce(c.rejeitadas, 0) as linhas_rejeitadas,
        {%- for classe in ['raw', 'substituidas', 'quarentena', 'duplicadas', 'staging', 'mart'] %}
        cast(coalesce(s.linhas_{{ classe }}, 0) as bigint) as linhas_{{ classe }},
        {%- endfor %}
        {%- for classe in ['raw', 'substituidas', 'quarentena', 'staging', 'mart'] %}
        cast(coalesce(s.valor_{{ classe }}, 0) as decimal(25, 4)) as valor_{{ classe }},
        {%- endfor %}
        cast(coalesce(s.linhas_valor_ilegivel, 0) as bigint) as linhas_valor_ilegivel
    from cargas as c
    left join somadas as s on c._carga_id = s._carga_id and c.entidade = s.tabela
),

rec_credito as (
    select
        tabela,
        _carga_id,
        status,
        data_hora_extracao,
        linhas_gravadas + linhas_rejeitadas as linhas_arquivo,
        linhas_rejeitadas,
        linhas_raw,
        linhas_substituidas,
        linhas_quarentena,
        linhas_duplicadas,
        linhas_staging,
        linhas_mart,
        linhas_valor_ilegivel,
        valor_raw,
        valor_substituidas as valor_substituido,
        valor_quarentena,
        valor_staging,
        valor_mart,
        cast(
            abs(linhas_gravadas - linhas_raw)
            + abs(
                linhas_raw - linhas_substituidas - linhas_quarentena - linhas_duplicadas
                - linhas_staging
            )
            + abs(linhas_staging - linhas_mart) as bigint
        ) as diferenca_linhas,
        cast(
            abs(valor_raw - valor_substituidas - valor_quarentena - valor_staging)
            + abs(valor_staging - valor_mart) as decimal(25, 4)
        ) as diferenca_valor
    from contagens
)

select * from rec_credito
