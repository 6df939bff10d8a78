{{ config(alias='payments') }}

{{ em_quarentena(ref('quarentena_payments_historico'), [
    'id_pagamento', 'conta_origem', 'conta_destino', 'valor', 'metodo', 'situacao', 'id_workflow',
    'criado_em',
]) }}
