with

emprestimos as (
    select * from {{ ref('fact_emprestimo') }}
    where excluido_na_fonte_em is null
),

parcelas as (
    select * from {{ ref('fact_parcela') }}
    where excluido_na_fonte_em is null
),

somas as (
    select
        id_emprestimo,
        count(*) as linhas,
        sum(valor) as soma,
        count(*) filter (where situacao not in ('PAGA', 'CANCELADA')) as abertas
    from parcelas
    group by id_emprestimo
),

com_cronograma as (
    select
        e.id_emprestimo,
        e.prazo_meses,
        e.valor_aprovado,
        e.situacao,
        coalesce(s.linhas, 0) as linhas,
        s.soma,
        coalesce(s.abertas, 0) as abertas
    from emprestimos as e
    left join somas as s on e.id_emprestimo = s.id_emprestimo
    where s.linhas > 0 or e.data_desembolso is not null
),

das_parcelas as (
    select
        p.*,
        case
            when p.situacao = 'PAGA' and p.pago_em is null then 'paga_sem_data'
            when p.situacao <> 'PAGA' and p.pago_em is not null then 'data_sem_paga'
            when p.situacao = 'PAGA' and {{ data_local('p.pago_em') }} < e.data_desembolso
                then 'paga_antes_do_desembolso'
        end as classe
    from parcelas as p
    left join emprestimos as e on p.id_emprestimo = e.id_emprestimo
),

achados as (
    {%- for classe, condicao in {
        'linhas_divergentes': 'linhas is distinct from prazo_meses',
        'soma_menor_que_principal': 'soma < valor_aprovado',
        'quitado_com_parcela_aberta': "situacao = 'QUITADO' and abertas > 0",
    }.items() %}
    select
        id_emprestimo,
        cast(null as {{ tipo('text') }}) as id_parcela,
        '{{ classe }}' as classe,
        linhas,
        prazo_meses as linhas_esperadas,
        soma as soma_parcelas,
        valor_aprovado as principal,
        abertas as parcelas_abertas
    from com_cronograma
    where {{ condicao }}
    union all
    {%- endfor %}
    select
        d.id_emprestimo,
        d.id_parcela,
        d.classe,
        s.linhas,
        e.prazo_meses as linhas_esperadas,
        s.soma as soma_parcelas,
        e.valor_aprovado as principal,
        s.abertas as parcelas_abertas
    from das_parcelas as d
    left join somas as s on d.id_emprestimo = s.id_emprestimo
    left join emprestimos as e on d.id_emprestimo = e.id_emprestimo
    where d.classe is not null
),

rec_cronograma as (
    select
        id_emprestimo,
        id_parcela,
        classe,
        linhas,
        cast(linhas_esperadas as integer) as linhas_esperadas,
        parcelas_abertas,
        cast(soma_parcelas as decimal(18, 2)) as soma_parcelas,
        principal
    from achados
)

select * from rec_cronograma
