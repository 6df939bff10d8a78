{{ config(alias='payments_historico') }}

{{ historico_da_quarentena(ref('base_fintech__payments'), 'id_pagamento', [
    'id_pagamento', 'conta_origem', 'conta_destino', 'valor', 'metodo', 'situacao', 'id_workflow',
    'criado_em',
]) }}
