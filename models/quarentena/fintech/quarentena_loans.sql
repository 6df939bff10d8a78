{{ config(alias='loans') }}

{{ em_quarentena(ref('quarentena_loans_historico'), [
    'id_emprestimo', 'id_usuario', 'valor_solicitado', 'valor_aprovado', 'prazo_meses',
    'taxa_juros', 'situacao', 'criado_em', 'aprovado_em',
]) }}
