with

linhas as (
    {{ linhas_do_arquivo_corrente('fintech', 'saldo_abertura', 'id_conta') }}
),

stg_fintech__saldo_abertura as (
    select
        l.id_conta,
        {{ tentar_decimal('l.saldo', 'l.forma_decimal') }} as saldo,
        l._carga_id
    from linhas as l
)

select * from stg_fintech__saldo_abertura
