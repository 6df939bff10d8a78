with

linhas as (
    {{ linhas_do_arquivo_corrente('fintech', 'baixa_prejuizo', 'id_emprestimo') }}
),

stg_fintech__baixa_prejuizo as (
    select
        l.id_emprestimo,
        {{ tentar_data('l.data_baixa', 'l.forma_data') }} as data_baixa,
        l._carga_id
    from linhas as l
)

select * from stg_fintech__baixa_prejuizo
