{{ config(alias='third_party_calls_historico') }}

{{ historico_da_quarentena(ref('base_fintech__third_party_calls'), 'id_chamada', [
    'id_chamada', 'id_usuario', 'provedor', 'endpoint', 'situacao', 'requisicao_resumo',
    'requisicao_tamanho', 'resposta_resumo', 'resposta_permitida', 'resposta_tamanho',
    'duracao_ms', 'chamada_em',
]) }}
