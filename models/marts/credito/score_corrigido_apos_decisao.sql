{%- set agora = instante_de_referencia() %}
with

pedidos as (
    select
        *,
        {{ chave_de_texto('produto') }} as chave_do_produto,
        {{ data_local('decidido_em') }} as data_decisao
    from {{ ref('fact_pedido_credito') }}
    where situacao_score = 'vigente' and decidido_em < {{ agora }}
),

scores as (
    select * from {{ ref('fact_score') }}
    where conhecido_de < {{ agora }} and conhecido_ate_revisao >= {{ agora }}
),

politicas as (
    select
        *,
        {{ chave_de_texto('produto') }} as chave_do_produto
    from {{ ref('politica_credito') }}
),

modelos as (
    select * from {{ ref('modelo_score') }}
),

faixas as (
    select
        *,
        maximo = max(maximo) over (partition by modelo, versao_modelo) as ultima
    from {{ ref('faixa_score') }}
),

corrigidos as (
    select
        p.id_pedido,
        p.id_cliente,
        p.produto,
        p.decisao,
        p.decidido_em,
        p.id_consulta_decisao as id_consulta,
        p.modelo_decisao as modelo,
        c.corte,
        p.versao_modelo_decisao as versao_modelo,
        p.revisao_decisao,
        s.revisao as revisao_atual,
        s.motivo_revisao,
        s.conhecido_de as corrigido_em,
        p.score_decisao,
        s.score as score_atual,
        p.faixa_score as faixa_decisao,
        s.versao_modelo as versao_modelo_atual,
        s.modelo as modelo_atual,
        m.sentido
    from pedidos as p
    inner join scores as s
        on p.id_consulta_decisao = s.id_consulta and p.revisao_decisao < s.revisao
    inner join politicas as c
        on
            p.chave_do_produto = c.chave_do_produto
            and p.data_decisao >= c.valido_de
            and p.data_decisao < c.valido_ate
    inner join modelos as m on p.modelo_decisao = m.modelo
),

score_corrigido_apos_decisao as (
    select
        c.id_pedido,
        c.id_cliente,
        c.produto,
        c.decisao,
        c.decidido_em,
        c.id_consulta,
        c.modelo,
        c.corte,
        c.revisao_decisao,
        c.revisao_atual,
        c.motivo_revisao,
        c.corrigido_em,
        c.score_decisao,
        c.score_atual,
        c.faixa_decisao,
        coalesce(f.faixa, 'NAO MAPEADO') as faixa_atual,
        case c.sentido
            when 'maior_melhor' then (c.score_decisao >= c.corte) <> (c.score_atual >= c.corte)
            else (c.score_decisao <= c.corte) <> (c.score_atual <= c.corte)
        end as decisao_mudaria
    from corrigidos as c
    left join faixas as f
        on
            c.modelo_atual = f.modelo
            and c.versao_modelo_atual = f.versao_modelo
            and c.score_atual >= f.minimo
            and (c.score_atual < f.maximo or (f.ultima and c.score_atual = f.maximo))
)

select * from score_corrigido_apos_decisao
