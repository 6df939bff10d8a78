{%- set agora = instante_de_referencia() %}
{%- set medidas = ['sessoes', 'simulacoes', 'qtd_submetido', 'qtd_aprovado', 'qtd_desembolsado'] %}
with

eventos as (
    select
        id_evento,
        tipo_evento,
        id_sessao,
        id_cliente,
        canal,
        campanha,
        case when relogio_adiantado then recebido_em else ocorrido_em end as momento
    from {{ ref('fact_evento') }}
),

do_dia as (
    select
        *,
        {{ data_local('momento') }} as data
    from eventos
    where momento < {{ agora }}
),

pedidos as (
    select * from {{ ref('fact_pedido_credito') }}
),

andamento as (
    select * from {{ ref('int_pedido__na_referencia') }}
    where passo > 0
),

-- A session is of the channel that its first event of the day names.
em_ordem as (
    select
        *,
        row_number() over (
            partition by data, id_sessao
            order by
                case when canal is null then 1 else 0 end,
                momento,
                {{ em_bytes('id_evento') }}
        ) as vez,
        max(id_cliente) over (partition by data, id_sessao) as cliente_da_sessao
    from do_dia
    where id_sessao is not null
),

pedidos_no_tempo as (
    select
        p.id_cliente,
        p.id_pedido,
        p.canal,
        p.campanha,
        p.submetido_em,
        case when a.passo >= 4 then coalesce(a.passo_4_em, a.passo_5_em, a.passo_6_em) end
            as aprovado_em,
        case when a.passo = 6 then a.passo_6_em end as desembolsado_em
    from andamento as a
    inner join pedidos as p on a.id_pedido = p.id_pedido
),

acontecidos as (
    select
        data,
        canal,
        campanha,
        coalesce(cliente_da_sessao, id_sessao) as pessoa,
        'sessoes' as medida
    from em_ordem
    where vez = 1
    union all
    select
        data,
        canal,
        campanha,
        coalesce(id_cliente, id_sessao, id_evento) as pessoa,
        'simulacoes' as medida
    from do_dia
    where tipo_evento = 'simulacao_realizada'
    {%- for medida, momento in {
        'qtd_submetido': 'submetido_em', 'qtd_aprovado': 'aprovado_em',
        'qtd_desembolsado': 'desembolsado_em',
    }.items() %}
    union all
    select
        {{ data_local(momento) }} as data,
        canal,
        campanha,
        coalesce(id_cliente, id_pedido) as pessoa,
        '{{ medida }}' as medida
    from pedidos_no_tempo
    where {{ momento }} < {{ agora }}
    {%- endfor %}
),

por_celula as (
    select
        data,
        coalesce(canal, 'NAO INFORMADO') as canal,
        coalesce(campanha, 'NAO INFORMADO') as campanha,
        {%- for medida in medidas %}
        count(*) filter (where medida = '{{ medida }}') as {{ medida }},
        {%- endfor %}
        count(distinct pessoa) as pessoas
    from acontecidos
    group by data, coalesce(canal, 'NAO INFORMADO'), coalesce(campanha, 'NAO INFORMADO')
),

custos as (
    select
        data,
        coalesce({{ limpar_texto('canal') }}, 'NAO INFORMADO') as canal,
        coalesce({{ limpar_texto('campanha') }}, 'NAO INFORMADO') as campanha,
        sum(custo) as custo
    from {{ ref('custo_midia') }}
    where data < cast('{{ dia_de_referencia() }}' as date)
    group by
        data,
        coalesce({{ limpar_texto('canal') }}, 'NAO INFORMADO'),
        coalesce({{ limpar_texto('campanha') }}, 'NAO INFORMADO')
),

com_custo as (
    select
        coalesce(c.data, k.data) as data,
        coalesce(c.canal, k.canal) as canal,
        coalesce(c.campanha, k.campanha) as campanha,
        {%- for medida in medidas %}
        coalesce(c.{{ medida }}, 0) as {{ medida }},
        {%- endfor %}
        k.custo,
        -- A cost that brought nobody shows nobody.
        c.pessoas between 1 and {{ minimo_celula() - 1 }} as pequena
    from por_celula as c
    full outer join custos as k
        on c.data = k.data and c.canal = k.canal and c.campanha = k.campanha
),

agrupadas as (
    select
        data,
        case when pequena then 'OUTROS' else canal end as canal,
        case when pequena then 'OUTROS' else campanha end as campanha,
        {%- for medida in medidas %}
        cast(sum({{ medida }}) as bigint) as {{ medida }},
        {%- endfor %}
        cast(sum(custo) as decimal(18, 2)) as custo_midia
    from com_custo
    group by
        data,
        case when pequena then 'OUTROS' else canal end,
        case when pequena then 'OUTROS' else campanha end
),

aquisicao as (
    select
        data,
        canal,
        campanha,
        {%- for medida in medidas %}
        {{ medida }},
        {%- endfor %}
        custo_midia,
        {{ razao('custo_midia', 'qtd_desembolsado') }} as custo_por_desembolso
    from agrupadas
)

select * from aquisicao
