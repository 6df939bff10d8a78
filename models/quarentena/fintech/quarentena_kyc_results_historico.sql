{{ config(alias='kyc_results_historico') }}

{{ historico_da_quarentena(ref('base_fintech__kyc_results'), 'id_consulta', [
    'id_consulta', 'id_usuario', 'provedor', 'situacao', 'resposta_permitida', 'resposta_resumo',
    'resposta_tamanho', 'consultado_em',
]) }}
