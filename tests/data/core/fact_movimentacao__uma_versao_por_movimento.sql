with

movimentos as (
    select
        m.id_movimentacao_cartao,
        m.data_hora_movimentacao,
        c.id_associado,
        coalesce(k.sk_cartao, {{ chave_desconhecida() }}) as sk_cartao,
        coalesce(c.sk_conta, {{ chave_desconhecida() }}) as sk_conta
    from {{ ref('stg_sicooperative__movimentacao_cartao') }} as m
    left join {{ ref('dim_cartao') }} as k on m.id_cartao = k.id_cartao
    left join {{ ref('dim_conta') }} as c on k.id_conta = c.id_conta
),

-- A version takes movements to its end and on to the start of the next one, so that those of a gap
-- fall to the version that the deletion closed, and those of an overlap to two.
versoes as (
    select
        sk_associado,
        id_associado,
        valido_de,
        greatest(
            valido_ate,
            coalesce(
                lead(valido_de) over (partition by id_associado order by valido_de),
                cast('9999-12-31' as timestamp)
            )
        ) as recebe_ate
    from {{ ref('dim_associado') }}
),

-- A movement that finds two versions stands here twice, and one of the two is not the fact's.
encontradas as (
    select
        m.*,
        v.sk_associado as sk_associado_encontrada
    from movimentos as m
    left join versoes as v
        on
            m.id_associado = v.id_associado
            and m.data_hora_movimentacao >= v.valido_de
            and m.data_hora_movimentacao < v.recebe_ate
),

fact_movimentacao__uma_versao_por_movimento as (
    select
        e.id_movimentacao_cartao,
        e.data_hora_movimentacao,
        e.id_associado,
        e.sk_associado_encontrada,
        f.sk_associado,
        e.sk_conta as sk_conta_encontrada,
        f.sk_conta,
        e.sk_cartao as sk_cartao_encontrado,
        f.sk_cartao
    from encontradas as e
    left join {{ ref('fact_movimentacao') }} as f
        on e.id_movimentacao_cartao = f.id_movimentacao_cartao
    where
        f.id_movimentacao_cartao is null
        or f.sk_cartao <> e.sk_cartao
        or f.sk_conta <> e.sk_conta
        or f.sk_associado <> coalesce(e.sk_associado_encontrada, {{ chave_desconhecida() }})
        -- the unknown member stands for an associado who was never seen, not for a missing version
        or (
            e.sk_associado_encontrada is null
            and e.id_associado in (select v.id_associado from versoes as v)
        )
)

select * from fact_movimentacao__uma_versao_por_movimento
