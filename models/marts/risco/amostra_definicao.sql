with

amostra_definicao as (
    select
        cast('{{ dia_de_referencia() }}' as date) as data_referencia,
        cast({{ meses_desempenho() }} as integer) as meses_desempenho,
        cast({{ dias_alvo() }} as integer) as dias_alvo,
        cast({{ meses_fora_do_tempo() }} as integer) as meses_fora_do_tempo
)

select * from amostra_definicao
