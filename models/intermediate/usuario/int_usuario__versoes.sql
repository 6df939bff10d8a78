with

historia as (
    select * from {{ ref('snap_fintech__usuario') }}
),

-- Whoever's newest state was set aside is in the history, but not in staging.
cadastro as (
    select
        id_usuario,
        nome,
        email_mascara,
        email_token,
        telefone_mascara,
        telefone_token,
        data_nascimento,
        criado_em,
        row_number() over (partition by id_usuario order by _carga_id desc) as ordem
    from {{ ref('base_fintech__users') }}
    where motivos is null and _operacao <> 'exclusao'
),

vigentes as (
    select
        id_usuario,
        _carga_id
    from {{ ref('stg_fintech__users') }}
),

perfis as (
    select * from {{ ref('stg_fintech__user_profiles') }}
),

numeradas as (
    select
        *,
        row_number() over (partition by id_usuario order by dbt_valid_from) as versao,
        lead(dbt_valid_from) over (
            partition by id_usuario
            order by dbt_valid_from
        ) as inicio_da_proxima
    from historia
),

int_usuario__versoes as (
    select
        {{ chave_substituta(['n.id_usuario', 'n.versao']) }} as sk_usuario,
        n.id_usuario,
        {{ limpar_texto('c.nome') }} as nome,
        c.email_mascara,
        c.email_token,
        c.telefone_mascara,
        c.telefone_token,
        c.data_nascimento,
        p.tipo_documento,
        p.documento_token,
        n.situacao,
        n.situacao_kyc,
        p.decidido_em as kyc_decidido_em,
        c.criado_em,
        -- What happened before the first extraction belongs to the first version.
        case
            when n.versao = 1 then cast('1900-01-01' as timestamp)
            else n.dbt_valid_from
        end as valido_de,
        n.dbt_valid_to as valido_ate,
        -- Between a deletion and a return an event still joins the version that was closed.
        coalesce(n.inicio_da_proxima, cast('9999-12-31' as timestamp)) as recebe_ate,
        n.inicio_da_proxima is null as ultima_versao,
        n.dbt_valid_to = cast('9999-12-31' as timestamp) as registro_ativo,
        cast(n.versao as integer) as versao,
        g._carga_id
    from numeradas as n
    inner join cadastro as c on n.id_usuario = c.id_usuario and c.ordem = 1
    left join perfis as p on n.id_usuario = p.id_usuario
    left join vigentes as g on n.id_usuario = g.id_usuario
)

select * from int_usuario__versoes
