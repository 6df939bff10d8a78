"""What the warehouse says is wrong in the digital account's database, as the sample lists it."""

from collections import defaultdict

import duckdb

CHAVES = {
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
    "kyc_usuario": (
        "select unnest(string_split(inconsistencias, ', ')), id_usuario from compliance.kyc_usuario"
    ),
}


def achadas(conexao: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Ids by `<reconciliation>/<kind>`, sorted, as `loaders.demo.fintech.falhas` gives them."""
    ids: dict[str, list[str]] = defaultdict(list)
    for onde, consulta in DAS_RECONCILIACOES.items():
        for especie, id_ in conexao.execute(consulta).fetchall():
            if especie not in (None, "", "ok"):
                ids[f"{onde}/{especie}"].append(str(id_))
    for tabela, chave in CHAVES.items():
        em = f"staging.stg_fintech__{tabela}"
        colunas = {nome for nome, *_ in conexao.execute(f"describe {em}").fetchall()}
        consultas = {f"quarentena/{tabela}": f"select {chave} from quarentena.{tabela}"}
        if mapeadas := colunas & MAPEADAS:
            desconhecida = " or ".join(f"{coluna} = 'NAO MAPEADO'" for coluna in mapeadas)
            consultas[f"nao_mapeado/{tabela}"] = f"select {chave} from {em} where {desconhecida}"
        for onde, consulta in consultas.items():
            ids[onde] += [str(id_) for (id_,) in conexao.execute(consulta).fetchall()]
    return {onde: sorted(dela) for onde, dela in ids.items() if dela}
