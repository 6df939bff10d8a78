with

chamadas as (
    select c.* from {{ linhas_conhecidas('credito', 'score_chamada') }} as c
),

stg_credito__score_chamada as (
    select
        id_chamada,
        id_requisicao,
        {{ modelo_de_caminho('endpoint') }} as endpoint,
        tentativa,
        resultado,
        coalesce(
            resultado in (
                'limite', 'erro_servidor', 'tempo_esgotado', 'rede', 'corpo_invalido'
            ),
            false
        ) as ruim,
        {{ em_utc('iniciado_em') }} as iniciada_em,
        duracao_ms,
        http_status,
        espera_ms,
        _carga_id
    from chamadas
)

select * from stg_credito__score_chamada
