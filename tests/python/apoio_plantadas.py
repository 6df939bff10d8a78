"""What the warehouse says is wrong in the sample's sources, as the sample lists it."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

CHAVES = {
    "fintech": {
        "users": "id_usuario",
        "user_profiles": "id_usuario",
        "user_documents": "id_documento",
        "kyc_results": "id_consulta",
        "accounts": "id_conta",
        "transactions": "id_transacao",
        "loans": "id_emprestimo",
        "loan_payments": "id_parcela",
        "payments": "id_pagamento",
        "third_party_calls": "id_chamada",
        "audit_logs": "id_auditoria",
    },
    "credito": {
        "pedido_credito": "id_pedido",
        "pedido_credito_historico": "id_historico",
        "score": "id_consulta",
        "evento": "id_evento",
    },
}
MAPEADAS = {"situacao", "situacao_kyc", "metodo", "acao", "resultado"}
"""Columns of staging that a list maps."""
DAS_RECONCILIACOES = {
    "rec_partidas": "select classe, id_pagamento from reconciliacao.rec_partidas",
    "rec_duplicidade": (
        "select classe, coalesce(id_transacao, id_pagamento) from reconciliacao.rec_duplicidade"
    ),
    "rec_estorno": "select classe, id_transacao from reconciliacao.rec_estorno",
    "rec_saldo": "select classe, id_conta from reconciliacao.rec_saldo where ultima_extracao",
    "rec_cronograma": (
        "select classe, coalesce(id_parcela, id_emprestimo) from reconciliacao.rec_cronograma"
    ),
    "rec_alteracao_indevida": "select tabela, id from reconciliacao.rec_alteracao_indevida",
    "rec_originacao": (
        "select classe, coalesce(id_pedido, id_contrato) from reconciliacao.rec_originacao"
    ),
    "rec_pedido_status": "select classe, id_pedido from reconciliacao.rec_pedido_status",
    "rec_pedido_transicao": (
        "select 'imprevista', id_pedido from reconciliacao.rec_pedido_transicao"
    ),
    "rec_score_conflito": "select campos, id_consulta from reconciliacao.rec_score_conflito",
    "rec_eventos_conflito": "select campos, id_evento from reconciliacao.rec_eventos_conflito",
    "kyc_usuario": "select inconsistencias, id_usuario from compliance.kyc_usuario",
}


def _tabelas() -> Iterator[tuple[str, str, str]]:
    """Each source's tables, with the key by which the sample lists a row."""
    for fonte, delas in CHAVES.items():
        for tabela, chave in delas.items():
            yield fonte, tabela, chave


def achadas(linhas: Callable[[str], list[tuple[Any, ...]]]) -> dict[str, list[str]]:
    """Ids by `<reconciliation>/<kind>`, sorted, as the `falhas` of the sample's parts give them.

    Args:
        linhas: asks the warehouse, whose schemas are written without a prefix.
    """
    ids: dict[str, list[str]] = defaultdict(list)
    for onde, consulta in DAS_RECONCILIACOES.items():
        for especies, id_ in linhas(consulta):
            for especie in (especies or "ok").split("; "):
                if especie != "ok":
                    ids[f"{onde}/{especie}"].append(str(id_))
    for fonte, tabela, chave in _tabelas():
        colunas = linhas(
            "select column_name from information_schema.columns"
            f" where table_schema = 'staging' and table_name = 'stg_{fonte}__{tabela}'"
        )
        consultas = {f"quarentena/{tabela}": f"select {chave} from quarentena.{tabela}"}
        if mapeadas := MAPEADAS & {nome for (nome,) in colunas}:
            desconhecida = " or ".join(f"{coluna} = 'NAO MAPEADO'" for coluna in mapeadas)
            consultas[f"nao_mapeado/{tabela}"] = (
                f"select {chave} from staging.stg_{fonte}__{tabela} where {desconhecida}"
            )
        for onde, consulta in consultas.items():
            ids[onde] += [str(id_) for (id_,) in linhas(consulta)]
    return {onde: sorted(dela) for onde, dela in ids.items() if dela}
