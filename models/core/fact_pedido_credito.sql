{{
    config(
        pre_hook=["{{ sem_lacos_aninhados() }}"],
        meta={'fuso': var('fuso_negocio')},
    )
}}

with

andamento as (
    select
        *,
        {{ data_local('submetido_em') }} as data_submissao,
        {{ data_local('decidido_em') }} as data_decisao
    from {{ ref('int_pedido__andamento') }}
),

pedidos as (
    select * from {{ ref('stg_credito__pedido_credito') }}
),

scores as (
    select * from {{ ref('int_pedido__score_na_decisao') }}
),

{% if not conhecido_ate() %}
versoes as (
    select * from {{ ref('int_usuario__versoes') }}
),
{% endif %}

fact_pedido_credito as (
    select
        {% if conhecido_ate() -%}
        -- The digital account is not built as it was known then.
        {{ chave_desconhecida() }} as sk_usuario,
        {%- else -%}
        coalesce(v.sk_usuario, {{ chave_desconhecida() }}) as sk_usuario,
        {%- endif %}
        {{ sk_do_dia('a.data_submissao') }} as sk_data_submissao,
        {{ sk_do_dia('a.data_decisao') }} as sk_data_decisao,
        a.id_pedido,
        a.id_cliente,
        p.produto,
        p.canal,
        p.campanha,
        p.valor_solicitado,
        p.prazo_meses,
        p.valor_aprovado,
        p.taxa_mensal,
        p.motivos_recusa,
        p.id_contrato,
        a.situacao_atual,
        a.decisao,
        p.criado_em,
        a.submetido_em,
        a.decidido_em,
        a.decidido_em_final,
        a.contratado_em,
        a.desembolsado_em,
        a.encerrado_em,
        a.qtd_transicoes,
        a.qtd_retrocessos,
        a.qtd_repeticoes,
        a.qtd_duplicadas,
        s.modelo_politica,
        s.situacao_score,
        s.faixa_score,
        s.score as score_decisao,
        s.id_consulta as id_consulta_decisao,
        s.revisao as revisao_decisao,
        s.modelo as modelo_decisao,
        s.versao_modelo as versao_modelo_decisao,
        s.idade_score_horas,
        s.qtd_scores as qtd_scores_ate_decisao,
        p.excluido_na_fonte_em,
        p._carga_id
    from andamento as a
    inner join scores as s on a.id_pedido = s.id_pedido
    left join pedidos as p on a.id_pedido = p.id_pedido
    {%- if not conhecido_ate() %}
    left join versoes as v
        on
            a.id_cliente = v.id_usuario
            and coalesce(a.submetido_em, p.criado_em) >= v.valido_de
            and coalesce(a.submetido_em, p.criado_em) < v.recebe_ate
    {%- endif %}
)

select * from fact_pedido_credito
