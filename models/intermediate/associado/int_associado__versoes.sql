with

snapshot_associado as (
    select * from {{ ref('snap_sicooperative__associado') }}
),

estados as (
    select * from {{ ref('stg_sicooperative__associado') }}
),

-- Name and birth date are overwritten in every version: the newest ones known, also of an
-- associado who has been deleted since.
cadastro as (
    select
        id_associado,
        nome_associado,
        sobrenome_associado,
        data_nascimento_associado,
        row_number() over (partition by id_associado order by _carga_id desc) as ordem
    from estados
    where _operacao <> 'exclusao'
),

numeradas as (
    select
        *,
        row_number() over (partition by id_associado order by dbt_valid_from) as versao,
        lead(dbt_valid_from) over (
            partition by id_associado
            order by dbt_valid_from
        ) as inicio_da_proxima
    from snapshot_associado
),

int_associado__versoes as (
    select
        {{ chave_substituta(['n.id_associado', 'n.versao']) }} as sk_associado,
        n.id_associado,
        c.nome_associado,
        c.sobrenome_associado,
        c.data_nascimento_associado,
        n.idade_associado,
        n.estado_civil_associado,
        n.escolaridade_associado,
        -- Movements older than the first extraction belong to the first version.
        case
            when n.versao = 1 then cast('1900-01-01' as timestamp)
            else n.dbt_valid_from
        end as valido_de,
        n.dbt_valid_to as valido_ate,
        -- Between a deletion and a return a movement still joins the version that was closed.
        coalesce(n.inicio_da_proxima, cast('9999-12-31' as timestamp)) as recebe_movimentos_ate,
        n.dbt_valid_to = cast('9999-12-31' as timestamp) as registro_ativo,
        cast(n.versao as integer) as versao
    from numeradas as n
    inner join cadastro as c on n.id_associado = c.id_associado and c.ordem = 1
)

select * from int_associado__versoes
