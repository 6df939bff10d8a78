with

planos as (
    select * from {{ ref('int_cronograma__planos') }}
),

conferidos as (
    select
        id_emprestimo,
        count(*) as linhas,
        sum(valor_fonte) as soma,
        count(*) = max(prazo_meses) and count(*) filter (where cabe_em_price) = count(*) as e_price,
        count(*) = max(prazo_meses) and count(*) filter (where cabe_em_sac) = count(*) as e_sac
    from planos
    group by id_emprestimo
),

com_metodo as (
    select
        p.*,
        c.linhas,
        case
            when c.e_price and c.e_sac then 'indistinto'
            when c.e_price then 'price'
            when c.e_sac then 'sac'
            else 'outro'
        end as metodo,
        {{ em_centavos(
            em_double('p.valor_aprovado') ~ ' * ' ~ em_double('p.valor_fonte')
            ~ ' / ' ~ em_double('c.soma'),
            em_double('p.valor_aprovado'),
        ) }} as parte
    from planos as p
    inner join conferidos as c on p.id_emprestimo = c.id_emprestimo
),

por_plano as (
    select
        *,
        case when metodo = 'sac' then saldo_sac_antes else saldo_price_antes end as saldo_antes,
        case when metodo = 'sac' then saldo_sac else saldo_price end as saldo_apos
    from com_metodo
    where metodo <> 'outro'
),

partes_somadas as (
    select
        *,
        sum(parte) over (
            partition by id_emprestimo
            order by numero
            rows between unbounded preceding and current row
        ) as soma_das_partes
    from com_metodo
    where metodo = 'outro'
),

-- The principal in proportion to the instalments; the last takes what is left. A loan without an
-- approved amount has no principal.
por_partes as (
    select
        *,
        case
            when numero = 1 then coalesce(valor_aprovado, 0)
            else coalesce(greatest(valor_aprovado - (soma_das_partes - parte), 0), 0)
        end as saldo_antes,
        case
            when numero = linhas then 0
            else coalesce(greatest(valor_aprovado - soma_das_partes, 0), 0)
        end as saldo_apos
    from partes_somadas
),

{% set colunas = [
    'id_parcela', 'id_emprestimo', 'numero', 'data_vencimento', 'situacao', 'data_paga', 'metodo',
    'valor_fonte', 'valor_price', 'valor_sac', 'saldo_antes', 'saldo_apos',
] -%}
todas as (
    select {{ colunas | join(', ') }} from por_plano
    union all
    select {{ colunas | join(', ') }} from por_partes
),

cronograma_conferido as (
    select
        id_parcela,
        id_emprestimo,
        numero,
        data_vencimento,
        situacao,
        data_paga,
        metodo,
        metodo = 'outro' as divisao_aproximada,
        valor_fonte,
        valor_price,
        valor_sac,
        cast(
            valor_fonte - case when metodo = 'sac' then valor_sac else valor_price end
            as decimal(18, 2)
        ) as diferenca,
        cast(valor_fonte - (saldo_antes - saldo_apos) as decimal(18, 2)) as juros,
        cast(saldo_antes - saldo_apos as decimal(18, 2)) as amortizacao,
        cast(saldo_apos as decimal(18, 2)) as saldo_apos
    from todas
)

select * from cronograma_conferido
