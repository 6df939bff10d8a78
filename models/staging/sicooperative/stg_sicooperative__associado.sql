with

estados as (
    select *
    from {{ ref('base_sicooperative__associado') }}
    where motivos is null
),

mapa_estado_civil as (
    select distinct
        {{ chave_de_texto('texto') }} as chave,
        estado_civil
    from {{ ref('mapa_estado_civil') }}
),

mapa_escolaridade as (
    select distinct
        {{ chave_de_texto('texto') }} as chave,
        escolaridade
    from {{ ref('mapa_escolaridade') }}
),

limpos as (
    select
        id_associado,
        {{ limpar_texto('nome') }} as nome,
        data_nascimento,
        {{ limpar_texto('estado_civil') }} is null as sem_estado_civil,
        {{ limpar_texto('escolaridade') }} is null as sem_escolaridade,
        estado_civil as estado_civil_digitado,
        escolaridade as escolaridade_digitada,
        {{ chave_de_texto('estado_civil') }} as chave_estado_civil,
        {{ chave_de_texto('escolaridade') }} as chave_escolaridade,
        _operacao,
        _carga_id,
        _carregado_em
    from estados
),

stg_sicooperative__associado as (
    select
        l.id_associado,
        {{ dbt.split_part('l.nome', "' '", 1) }} as nome_associado,
        nullif(
            substr(l.nome, length({{ dbt.split_part('l.nome', "' '", 1) }}) + 2), ''
        ) as sobrenome_associado,
        l.data_nascimento as data_nascimento_associado,
        case
            when l.sem_estado_civil then 'NAO INFORMADO'
            else coalesce(c.estado_civil, 'NAO MAPEADO')
        end as estado_civil_associado,
        case
            when l.sem_escolaridade then 'NAO INFORMADO'
            else coalesce(e.escolaridade, 'NAO MAPEADO')
        end as escolaridade_associado,
        l.estado_civil_digitado,
        l.escolaridade_digitada,
        l._operacao,
        l._carga_id,
        l._carregado_em
    from limpos as l
    left join mapa_estado_civil as c on l.chave_estado_civil = c.chave
    left join mapa_escolaridade as e on l.chave_escolaridade = e.chave
)

select * from stg_sicooperative__associado
