{%- set taxa = em_double('e.taxa_juros') -%}
{%- set taxas_mensais = {
    'percentual_mes': taxa ~ ' / 100',
    'fracao_mes': taxa,
    'percentual_ano_efetiva': 'power(1 + ' ~ taxa ~ ' / 100, ' ~ em_double('1') ~ ' / 12) - 1',
    'percentual_ano_nominal': taxa ~ ' / 1200',
} -%}
{%- if var('unidade_taxa') not in taxas_mensais -%}
    {{ exceptions.raise_compiler_error(
        "The variable unidade_taxa is '" ~ var('unidade_taxa') ~ "'; it may be "
        ~ taxas_mensais | join(', ') ~ '.'
    ) }}
{%- endif -%}
with

emprestimos as (
    select * from {{ ref('stg_fintech__loans') }}
),

versoes as (
    select * from {{ ref('int_usuario__versoes') }}
),

carteiras as (
    select * from {{ ref('stg_fintech__carteira_emprestimo') }}
),

baixas as (
    select * from {{ ref('stg_fintech__baixa_prejuizo') }}
),

auditados as (
    select
        id_entidade as id_emprestimo,
        min(registrado_em) as desembolsado_em
    from {{ ref('stg_fintech__audit_logs') }}
    where
        entidade in ('loan', 'loans')
        and acao = 'DESEMBOLSADO'
        and excluido_na_fonte_em is null
    group by id_entidade
),

lancados as (
    select
        id_externo as id_emprestimo,
        min(data_transacao) as data_desembolso
    from {{ ref('fact_transacao') }}
    where
        categoria = 'desembolso'
        and tipo = 'credito'
        and afeta_saldo
        and id_externo is not null
    group by id_externo
),

situacoes as (
    {{ textos_mapeados(
        ref('base_fintech__loans'), 'situacao', ref('situacao_emprestimo'), ['situacao']
    ) }}
),

-- The first extraction that found it written off: a status has no time of its own.
vistos_baixados as (
    select
        b.id_emprestimo,
        min({{ em_utc('c.extraido_em') }}) as visto_em
    from {{ ref('base_fintech__loans') }} as b
    inner join situacoes as s on b.situacao = s.texto
    inner join {{ source('controle', 'cargas') }} as c on b._carga_id = c._carga_id
    where s.situacao = 'BAIXADO' and b.motivos is null
    group by b.id_emprestimo
),

fact_emprestimo as (
    select
        coalesce(v.sk_usuario, {{ chave_desconhecida() }}) as sk_usuario,
        e.id_emprestimo,
        e.id_usuario,
        coalesce(k.produto, 'NAO INFORMADO') as produto,
        k.carteira,
        e.valor_solicitado,
        e.valor_aprovado,
        e.prazo_meses,
        e.taxa_juros,
        {{ taxas_mensais[var('unidade_taxa')] }} as taxa_mensal,
        e.situacao,
        case
            when a.desembolsado_em is not null then {{ data_local('a.desembolsado_em') }}
            when l.data_desembolso is not null then l.data_desembolso
            when e.situacao in ('DESEMBOLSADO', 'QUITADO', 'INADIMPLENTE', 'BAIXADO')
                then {{ data_local('e.aprovado_em') }}
        end as data_desembolso,
        case
            when a.desembolsado_em is not null then 'auditoria'
            when l.data_desembolso is not null then 'lancamento'
            when
                e.situacao in ('DESEMBOLSADO', 'QUITADO', 'INADIMPLENTE', 'BAIXADO')
                and e.aprovado_em is not null
                then 'aprovacao'
        end as fonte_desembolso,
        case
            when b.data_baixa is not null then b.data_baixa
            when e.situacao = 'BAIXADO' then {{ data_local('x.visto_em') }}
        end as data_baixa,
        e.criado_em,
        e.aprovado_em,
        e.excluido_na_fonte_em,
        e._carga_id
    from emprestimos as e
    left join versoes as v
        on
            e.id_usuario = v.id_usuario
            and coalesce(e.criado_em, cast('1900-01-01' as timestamp)) >= v.valido_de
            and coalesce(e.criado_em, cast('1900-01-01' as timestamp)) < v.recebe_ate
    left join carteiras as k on e.id_emprestimo = k.id_emprestimo
    left join baixas as b on e.id_emprestimo = b.id_emprestimo
    left join auditados as a on e.id_emprestimo = a.id_emprestimo
    left join lancados as l on e.id_emprestimo = l.id_emprestimo
    left join vistos_baixados as x on e.id_emprestimo = x.id_emprestimo
)

select * from fact_emprestimo
