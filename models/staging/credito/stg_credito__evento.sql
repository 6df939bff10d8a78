with

vigentes as (
    select * from {{ ref('base_credito__evento') }}
    where _classe = 'vigente'
),

stg_credito__evento as (
    select
        id_evento,
        tipo_evento,
        tipo_conhecido,
        versao_esquema,
        versao_desconhecida,
        case when not {{ em_branco('id_pedido') }} then id_pedido end as id_pedido,
        case when not {{ em_branco('id_cliente') }} then id_cliente end as id_cliente,
        case when not {{ em_branco('id_sessao') }} then id_sessao end as id_sessao,
        ocorrido_em,
        produzido_em,
        _recebido_em as recebido_em,
        relogio_adiantado,
        -- A clock that is ahead says nothing of the order: the one of the sending does, if it is not.
        case
            when not relogio_adiantado then ocorrido_em
            when produzido_em <= {{ dbt.dateadd('minute', 5, '_recebido_em') }} then produzido_em
            else _recebido_em
        end as ordenado_em,
        {{ limpar_texto('canal') }} as canal,
        {{ limpar_texto('campanha') }} as campanha,
        {{ limpar_texto('produto') }} as produto,
        status_novo,
        motivo,
        lower({{ sem_espacos_ao_redor('origem') }}) as origem,
        case when not {{ em_branco('id_requisicao') }} then id_requisicao end as id_requisicao,
        dados,
        dados_extra,
        qtd_campos_invalidos,
        _carga_id
    from vigentes
)

select * from stg_credito__evento
