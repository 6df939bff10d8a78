with

-- A row whose load is not reconciled (unknown, failed, or said to have found nothing new) would be
-- in no sum at all.
rec_movimentacoes__toda_linha_de_raw_contada as (
    select
        e._carga_id,
        count(*) as linhas
    from {{ source('sicooperative', 'movimentacao_cartao') }} as e
    left join {{ ref('rec_movimentacoes') }} as r on e._carga_id = r._carga_id
    where r._carga_id is null
    group by e._carga_id
)

select * from rec_movimentacoes__toda_linha_de_raw_contada
