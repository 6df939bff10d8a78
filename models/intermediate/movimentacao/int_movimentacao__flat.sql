with

movimentos as (
    select * from {{ ref('fact_movimentacao') }}
),

associados as (
    select * from {{ ref('dim_associado') }}
),

contas as (
    select * from {{ ref('dim_conta') }}
),

cartoes as (
    select * from {{ ref('dim_cartao') }}
),

int_movimentacao__flat as (
    select
        m.id_movimentacao_cartao,
        k.id_cartao,
        a.nome_associado,
        a.sobrenome_associado,
        {{ idade_em_anos('a.data_nascimento_associado', 'cast(m.data_hora_movimentacao as date)') }}
            as idade_associado,
        m.valor_movimentacao as vlr_transacao_movimento,
        coalesce(m.descricao_movimentacao, m.id_movimentacao_cartao) as des_transacao_movimento,
        {{ data_hora_iso('m.data_hora_movimentacao') }} as data_movimentacao,
        k.numero_cartao,
        k.nome_impresso_cartao,
        k.data_emissao_cartao as data_criacao_cartao,
        c.tipo_conta_digitado as tipo_conta,
        c.data_criacao_conta
    from movimentos as m
    inner join associados as a on m.sk_associado = a.sk_associado
    inner join contas as c on m.sk_conta = c.sk_conta
    inner join cartoes as k on m.sk_cartao = k.sk_cartao
)

select * from int_movimentacao__flat
