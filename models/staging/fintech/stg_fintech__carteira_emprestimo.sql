with

linhas as (
    {{ linhas_do_arquivo_corrente('fintech', 'carteira_emprestimo', 'id_emprestimo') }}
),

stg_fintech__carteira_emprestimo as (
    select
        l.id_emprestimo,
        {{ limpar_texto('l.produto') }} as produto,
        {{ limpar_texto('l.carteira') }} as carteira,
        l._carga_id
    from linhas as l
)

select * from stg_fintech__carteira_emprestimo
