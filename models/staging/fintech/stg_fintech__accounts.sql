with

estados as (
    {{ estados_em_staging(ref('base_fintech__accounts')) }}
),

stg_fintech__accounts as (
    select
        e.id_conta,
        e.id_usuario,
        -- An account without a usable balance still has entries; the balance is then none that could tie.
        case
            when e.saldo_fonte = cast(e.saldo_fonte as decimal(18, 2))
                then cast(e.saldo_fonte as decimal(18, 2))
            -- PostgreSQL forgets the scale of a case without an else.
            else cast(null as decimal(18, 2))
        end as saldo_fonte,
        {{ limpar_texto('e.moeda') }} as moeda,
        e.criada_em,
        e.atualizada_em,
        e.ponteiro_razao,
        e.excluido_na_fonte_em,
        e._ultima_carga_id as _carga_id
    from estados as e
)

select * from stg_fintech__accounts
