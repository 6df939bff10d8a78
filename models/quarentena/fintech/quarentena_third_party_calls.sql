{{ config(alias='third_party_calls') }}

{{ em_quarentena(ref('quarentena_third_party_calls_historico'), [
    'id_chamada', 'id_usuario', 'provedor', 'endpoint', 'situacao', 'requisicao_resumo',
    'requisicao_tamanho', 'resposta_resumo', 'resposta_permitida', 'resposta_tamanho',
    'duracao_ms', 'chamada_em',
]) }}
