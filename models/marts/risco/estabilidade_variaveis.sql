{{
    config(
        materialized='livro',
        pre_hook=[
            "{{ sem_lacos_aninhados() }}",
            "{{ memoria_de_trabalho(64) }}",
            "{{ ordenar_em_cada_grupo() }}",
        ],
        meta={'compara_com_a_anterior': true},
    )
}}

{{ livro_depende_de() }}
with

variaveis as (
    select nome
    from {{ ref('dicionario_variaveis') }}
    where livro = 'book_fatura_cliente'
),

preenchidas as (
    {%- for janela in definicao_do_livro().janelas %}
    {{ estabilidade_da_janela(janela) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

clientes as (
    {{ clientes_do_par(ref('book_fatura_cliente_u12m')) }}
),

-- A variable that is null for every customer of both has no row so far: it has not moved.
estabilidade_variaveis as (
    select
        {{ ref_date_do_lote() }} as ref_date,
        {{ ref_date_anterior_do_lote() }} as ref_date_anterior,
        v.nome,
        coalesce(p.psi, 0) as psi,
        c.clientes,
        c.clientes_antes as clientes_anteriores
    from variaveis as v
    cross join clientes as c
    left join preenchidas as p on v.nome = p.nome
    where c.clientes > 0 and c.clientes_antes > 0
)

select
    ref_date,
    ref_date_anterior,
    nome,
    {{ em_double('psi') }} as psi,
    cast(clientes as bigint) as clientes,
    cast(clientes_anteriores as bigint) as clientes_anteriores
from estabilidade_variaveis
