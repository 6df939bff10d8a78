{{ config(alias='loans_historico') }}

{{ historico_da_quarentena(ref('base_fintech__loans'), 'id_emprestimo', [
    'id_emprestimo', 'id_usuario', 'valor_solicitado', 'valor_aprovado', 'prazo_meses',
    'taxa_juros', 'situacao', 'criado_em', 'aprovado_em',
]) }}
