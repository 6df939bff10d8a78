{{
    config(
        materialized='table',
        pre_hook=["{{ sem_lacos_aninhados() }}", "{{ memoria_de_trabalho(64) }}"],
    )
}}

with

pedidos as (
    select
        id_pedido,
        id_cliente,
        {{ chave_de_texto('produto') }} as produto,
        decidido_em,
        -- Undecided, it is what a decision of today would know.
        coalesce(decidido_em, {{ instante_de_referencia() }}) as momento
    from {{ ref('int_pedido__andamento') }}
),

politicas as (
    select
        {{ chave_de_texto('produto') }} as produto,
        modelo,
        valido_de,
        valido_ate
    from {{ ref('politica_credito') }}
),

scores as (
    select * from {{ ref('fact_score') }}
),

chamadas as (
    select * from {{ ref('stg_credito__score_chamada') }}
    where ruim or resultado = 'disjuntor_aberto'
),

faixas as (
    select
        *,
        maximo = max(maximo) over (partition by modelo, versao_modelo) as ultima
    from {{ ref('faixa_score') }}
),

com_modelo as (
    select
        d.id_pedido,
        d.id_cliente,
        d.decidido_em,
        d.momento,
        p.modelo
    from pedidos as d
    left join politicas as p
        on
            d.produto = p.produto
            and {{ data_local('d.momento') }} >= p.valido_de
            and {{ data_local('d.momento') }} < p.valido_ate
),

do_pedido as (
    select
        p.id_pedido,
        p.momento,
        true as proprio,
        s.id_consulta,
        s.revisao
    from com_modelo as p
    inner join scores as s on p.id_pedido = s.id_pedido and p.modelo = s.modelo
),

do_cliente as (
    select
        p.id_pedido,
        p.momento,
        false as proprio,
        s.id_consulta,
        s.revisao
    from com_modelo as p
    inner join scores as s
        on p.id_cliente = s.id_cliente and p.modelo = s.modelo and s.id_pedido is null
),

ligados as (
    select * from do_pedido
    union all
    select * from do_cliente
),

julgados as (
    select
        l.id_pedido,
        l.proprio,
        s.id_consulta,
        s.revisao,
        s.modelo,
        s.versao_modelo,
        s.score,
        s.calculado_em,
        s.conhecido_de,
        s.conhecido_de <= l.momento
        and s.conhecido_ate_revisao > l.momento
        and s.calculado_em <= l.momento as conhecido,
        s.conhecido_de > l.momento as posterior,
        {{ microssegundos_entre('s.calculado_em', 'l.momento') }} as idade,
        {{ microssegundos_entre('s.calculado_em', 'l.momento') }}
        <= {{ validade_score_dias() }} * cast(86400000000 as bigint) as no_prazo
    from ligados as l
    inner join scores as s on l.id_consulta = s.id_consulta and l.revisao = s.revisao
),

por_pedido as (
    select
        id_pedido,
        max(case when conhecido and proprio then 1 else 0 end) = 1 as tem_proprio,
        max(case when conhecido then 1 else 0 end) = 1 as tem_conhecido,
        max(case when posterior then 1 else 0 end) = 1 as tem_posterior
    from julgados
    group by id_pedido
),

elegiveis as (
    select
        j.*,
        row_number() over (
            partition by j.id_pedido
            order by
                j.conhecido_de desc,
                j.calculado_em desc,
                j.revisao desc,
                {{ em_bytes('j.id_consulta') }} desc
        ) as vez,
        count(*) over (partition by j.id_pedido) as quantos
    from julgados as j
    inner join por_pedido as p on j.id_pedido = p.id_pedido
    where j.conhecido and (j.proprio or (not p.tem_proprio and j.no_prazo))
),

escolhidos as (
    select
        e.*,
        f.faixa
    from elegiveis as e
    left join faixas as f
        on
            e.modelo = f.modelo
            and e.versao_modelo = f.versao_modelo
            and e.score >= f.minimo
            and (e.score < f.maximo or (f.ultima and e.score = f.maximo))
    where e.vez = 1
),

-- Of those without any score: the last call before that failed. At one instant a call comes after.
sem_nenhum as (
    select
        m.id_pedido,
        m.momento as instante,
        cast(null as timestamp) as falhou_em
    from com_modelo as m
    left join por_pedido as p on m.id_pedido = p.id_pedido
    where p.id_pedido is null
    union all
    select
        null as id_pedido,
        iniciada_em as instante,
        iniciada_em as falhou_em
    from chamadas
),

ultimas_falhas as (
    select
        id_pedido,
        max(falhou_em) over (
            order by instante, case when falhou_em is null then 0 else 1 end
            rows between unbounded preceding and current row
        ) as falhou_em
    from sem_nenhum
),

falhas as (
    select * from ultimas_falhas
    where id_pedido is not null and falhou_em is not null
),

int_pedido__score_na_decisao as (
    select
        m.id_pedido,
        m.modelo as modelo_politica,
        case
            when m.decidido_em is null then 'sem_decisao'
            when e.id_consulta is not null then 'vigente'
            when p.tem_conhecido then 'vencido'
            when p.tem_posterior then 'posterior'
            when f.falhou_em >= {{ dbt.dateadd('hour', -24, 'm.momento') }} then 'indisponivel'
            else 'sem_score'
        end as situacao_score,
        e.score,
        e.id_consulta,
        e.revisao,
        e.modelo,
        e.versao_modelo,
        case
            when e.id_consulta is null then 'SEM SCORE'
            else coalesce(e.faixa, 'NAO MAPEADO')
        end as faixa_score,
        {{ razao('e.idade', '3600000000') }} as idade_score_horas,
        cast(coalesce(e.quantos, 0) as integer) as qtd_scores
    from com_modelo as m
    left join por_pedido as p on m.id_pedido = p.id_pedido
    left join escolhidos as e on m.id_pedido = e.id_pedido
    left join falhas as f on m.id_pedido = f.id_pedido
)

select * from int_pedido__score_na_decisao
