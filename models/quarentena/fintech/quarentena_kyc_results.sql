{{ config(alias='kyc_results') }}

{{ em_quarentena(ref('quarentena_kyc_results_historico'), [
    'id_consulta', 'id_usuario', 'provedor', 'situacao', 'resposta_permitida', 'resposta_resumo',
    'resposta_tamanho', 'consultado_em',
]) }}
