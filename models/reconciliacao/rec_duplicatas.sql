with

-- Each class by itself: PostgreSQL would write out a copy of a CTE that is read twice.
faturas_duplicadas as (
    select * from {{ ref('base_pod_cartoes__faturas') }}
    where situacao = 'duplicada'
),

faturas_vigentes as (
    select * from {{ ref('base_pod_cartoes__faturas') }}
    where situacao = 'vigente'
),

pagamentos_duplicados as (
    select * from {{ ref('base_pod_cartoes__pagamentos') }}
    where situacao = 'duplicada'
),

pagamentos_vigentes as (
    select * from {{ ref('base_pod_cartoes__pagamentos') }}
    where situacao = 'vigente'
),

comparadas as (
    select
        'faturas' as entidade,
        d.id_fatura as chave,
        {{ valores_que_diferem('d', 'v', [
            'id_cliente', 'data_emissao', 'data_vencimento', 'valor_fatura',
            'valor_pagamento_minimo',
        ]) }} as diferencas,
        d.entrega,
        v.entrega as entrega_que_fica,
        d._carga_id,
        d._linha,
        v._carga_id as _carga_id_que_fica,
        v._linha as _linha_que_fica
    from faturas_duplicadas as d
    inner join faturas_vigentes as v on d.id_fatura = v.id_fatura
    union all
    select
        'pagamentos' as entidade,
        d.id_pagamento as chave,
        {{ valores_que_diferem('d', 'v', [
            'id_fatura', 'id_cliente', 'data_pagamento', 'valor_pagamento',
        ]) }} as diferencas,
        d.entrega,
        v.entrega as entrega_que_fica,
        d._carga_id,
        d._linha,
        v._carga_id as _carga_id_que_fica,
        v._linha as _linha_que_fica
    from pagamentos_duplicados as d
    inner join pagamentos_vigentes as v on d.id_pagamento = v.id_pagamento
),

rec_duplicatas as (
    select
        entidade,
        chave,
        diferencas,
        entrega,
        entrega_que_fica,
        _carga_id,
        _linha,
        _carga_id_que_fica,
        _linha_que_fica
    from comparadas
    where diferencas is distinct from ''
)

select * from rec_duplicatas
