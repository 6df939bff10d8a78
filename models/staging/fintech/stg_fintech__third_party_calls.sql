with

estados as (
    {{ estados_em_staging(ref('base_fintech__third_party_calls')) }}
),

textos as (
    select
        situacao as texto,
        {{ chave_de_texto('situacao') }} as chave
    from {{ ref('base_fintech__third_party_calls') }}
    group by situacao
),

mapa as (
    select distinct
        {{ chave_de_texto('valor_fonte') }} as chave,
        resultado,
        ruim
    from {{ ref('resultado_chamada') }}
),

-- An HTTP status that the seed does not name itself is what its class is.
resultados as (
    select
        t.texto,
        coalesce(m.resultado, c.resultado) as resultado,
        coalesce(m.ruim, c.ruim) as ruim
    from textos as t
    left join mapa as m on t.chave = m.chave
    left join mapa as c
        on {{ corresponde('t.chave', '[1-5][0-9][0-9]') }} and left(t.chave, 1) || 'XX' = c.chave
),

stg_fintech__third_party_calls as (
    select
        e.id_chamada,
        e.id_usuario,
        {{ sem_espacos_ao_redor('e.provedor') }} as provedor,
        {{ modelo_de_caminho('e.endpoint') }} as endpoint,
        coalesce(r.resultado, 'NAO MAPEADO') as resultado,
        coalesce(r.ruim, false) as ruim,
        e.situacao as resultado_digitado,
        e.requisicao_resumo,
        e.requisicao_tamanho,
        e.resposta_resumo,
        e.resposta_permitida,
        e.resposta_tamanho,
        e.duracao_ms,
        e.chamada_em,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
    left join resultados as r on e.situacao = r.texto
)

select * from stg_fintech__third_party_calls
