with

versoes as (
    select * from {{ ref('dim_usuario') }}
    where sk_usuario <> {{ chave_desconhecida() }}
),

documentos as (
    select * from {{ ref('fact_documento') }}
    where excluido_na_fonte_em is null
),

consultas as (
    select * from {{ ref('fact_kyc_consulta') }}
    where excluido_na_fonte_em is null
),

em_ordem as (
    select
        *,
        row_number() over (partition by id_usuario order by versao desc) as ordem
    from versoes
),

documentos_do_usuario as (
    select
        d.id_usuario,
        min(d.enviado_em) as primeiro_em,
        max(d.enviado_em) as ultimo_em,
        count(*) as documentos,
        count(*) filter (where c.id_consulta is null) as sem_resultado
    from documentos as d
    left join consultas as c on d.id_consulta = c.id_consulta
    group by d.id_usuario
),

consultas_do_usuario as (
    select
        id_usuario,
        min(consultado_em) as primeira_em,
        max(consultado_em) as ultima_em,
        count(*) as consultas,
        count(distinct provedor) as provedores,
        count(*) filter (where situacao = 'falhou') as falhas,
        count(*) filter (where situacao = 'recusada') as recusadas
    from consultas
    group by id_usuario
),

medidos as (
    select
        u.sk_usuario,
        u.id_usuario,
        u.criado_em,
        u.situacao_kyc,
        u.kyc_decidido_em,
        d.primeiro_em,
        d.ultimo_em,
        coalesce(d.documentos, 0) as documentos,
        coalesce(d.sem_resultado, 0) as sem_resultado,
        c.primeira_em,
        c.ultima_em,
        coalesce(c.consultas, 0) as consultas,
        coalesce(c.provedores, 0) as provedores,
        coalesce(c.falhas, 0) as falhas,
        coalesce(c.recusadas, 0) as recusadas,
        {{ microssegundos_entre('u.criado_em', 'd.primeiro_em') }} as ate_o_documento,
        {{ microssegundos_entre('d.primeiro_em', 'c.primeira_em') }} as ate_a_consulta,
        {{ microssegundos_entre('c.primeira_em', 'u.kyc_decidido_em') }} as ate_a_decisao,
        {{ microssegundos_entre('d.primeiro_em', 'u.kyc_decidido_em') }} as processamento
    from em_ordem as u
    left join documentos_do_usuario as d on u.id_usuario = d.id_usuario
    left join consultas_do_usuario as c on u.id_usuario = c.id_usuario
    where u.ordem = 1
),

kyc_usuario as (
    select
        sk_usuario,
        id_usuario,
        situacao_kyc,
        criado_em as cadastrado_em,
        primeiro_em as primeiro_documento_em,
        ultimo_em as ultimo_documento_em,
        documentos as qtd_documentos,
        primeira_em as primeira_consulta_em,
        ultima_em as ultima_consulta_em,
        consultas as qtd_consultas,
        provedores as qtd_provedores,
        falhas as qtd_consultas_falhas,
        kyc_decidido_em as decidido_em,
        {{ segundos_nao_negativos('ate_o_documento') }} as tempo_cadastro_documento,
        {{ segundos_nao_negativos('ate_a_consulta') }} as tempo_documento_consulta,
        {{ segundos_nao_negativos('ate_a_decisao') }} as tempo_consulta_decisao,
        {{ segundos_nao_negativos('processamento') }} as tempo_processamento,
        {{ lista_de_motivos({
            'aprovado_sem_consulta': "situacao_kyc = 'aprovado' and consultas = 0",
            'aprovado_com_consulta_reprovada': "situacao_kyc = 'aprovado' and recusadas > 0",
            'decisao_antes_do_documento': 'processamento < 0',
            'decidido_sem_data':
                "situacao_kyc in ('aprovado', 'recusado') and kyc_decidido_em is null",
            'pendente_com_data': "situacao_kyc = 'pendente' and kyc_decidido_em is not null",
            'documento_sem_resultado': 'sem_resultado > 0',
            'documento_antes_do_cadastro': 'ate_o_documento < 0',
            'consulta_antes_do_documento': 'ate_a_consulta < 0',
            'decisao_antes_da_consulta': 'ate_a_decisao < 0',
        }) }} as inconsistencias
    from medidos
)

select * from kyc_usuario
