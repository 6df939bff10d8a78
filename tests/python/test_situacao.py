"""`lastro status`: what it says of a warehouse in each state a user may find it in."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from apoio_arquivos import carregar, faturas, pagamentos
from conftest import ArmazemDeTeste, Fonte


def estado(armazem: ArmazemDeTeste) -> dict[str, Any]:
    """What `lastro status --json` says."""
    dito: dict[str, Any] = json.loads(armazem.lastro("status", "--json").stdout)
    return dito


def test_depois_de_construir(armazem: ArmazemDeTeste) -> None:
    dito = estado(armazem)
    assert dito["armazem"] == armazem.motor
    assert dito["extracoes_pendentes"] == 0
    rejeitadas = armazem.linhas("select count(*) from controle.rejeicoes")[0][0]
    assert sum(r["linhas"] for r in dito["rejeicoes"]) == rejeitadas
    assert [c["origem"] for c in dito["cargas"][:4]] == [
        "movimentacao_cartao", "cartao", "conta", "associado",
    ]  # fmt: skip
    for carga in dito["cargas"]:
        assert {
            "_carga_id", "fonte", "origem", "status", "lidas", "gravadas", "rejeitadas",
            "extraido_em", "fim", "formato", "mensagem", "entidade", "entrega",
        } == set(carga)  # fmt: skip
        assert carga["status"] in ("ok", "sem_novidade")
        assert datetime.fromisoformat(carga["extraido_em"]).utcoffset() is not None
    fato = armazem.linhas("select count(*), sum(valor_movimentacao) from core.fact_movimentacao")
    assert dito["camadas"]["core"]["fact_movimentacao"] == fato[0][0]
    for esquema in ("raw_sicooperative", "staging", "intermediate", "snapshots", "quarentena"):
        assert dito["camadas"][esquema], esquema
    assert {r["tabela"] for r in dito["reconciliacao"]} == {
        "rec_movimentacoes", "rec_faturas", "rec_pagamentos",
    }  # fmt: skip
    assert all(r["diferenca_linhas"] == 0 for r in dito["reconciliacao"])
    assert all(Decimal(r["diferenca_valor"]) == 0 for r in dito["reconciliacao"])
    reconciliado = [r for r in dito["reconciliacao"] if r["tabela"] == "rec_movimentacoes"]
    assert len(reconciliado) == 3
    assert sum(r["linhas_mart"] for r in reconciliado) == fato[0][0]
    assert sum(Decimal(r["valor_mart"]) for r in reconciliado) == fato[0][1]


def test_em_tabelas(armazem: ArmazemDeTeste) -> None:
    dito = armazem.lastro("status", COLUMNS="200").stdout
    for texto in (
        "Rows by layer", "fact_movimentacao", "Last loads", "2026-07-01 06:00:00",
        "Reconciliation", " loads reconciled, 0 with a difference",
        "Deliveries in files",
    ):  # fmt: skip
        assert texto in dito
    assert "wait" not in dito


def test_depois_de_uma_carga_recusada(armazem: ArmazemDeTeste, fonte: Fonte) -> None:
    fonte.executar("alter table conta rename column agencia to filial")
    armazem.lastro("load", "sicooperative", "--dsn", fonte.dsn, esperado=3)
    dito = estado(armazem)
    ultima = dito["cargas"][0]
    assert (ultima["status"], ultima["origem"], ultima["gravadas"]) == ("rejeitado", "*", 0)
    assert "contract" in ultima["mensagem"]
    assert dito["extracoes_pendentes"] == 0
    assert "rejeitado" in armazem.lastro("status", COLUMNS="200").stdout
    armazem.lastro(
        "load", "sicooperative", "--dsn", fonte.dsn.replace("/fonte", "/nao_existe"), esperado=4
    )
    assert estado(armazem)["cargas"][0]["status"] == "erro"


def test_linhas_rejeitadas_por_arquivo(armazem: ArmazemDeTeste) -> None:
    armazem.executar(
        "insert into controle.rejeicoes (_carga_id, _arquivo, _linha, linha_bruta, motivo) values"
        " (9, 'a.csv', 2, 'x', 'y'), (9, 'a.csv', 2, 'x', 'z'), (9, 'a.csv', 5, 'x', 'y')"
    )
    assert estado(armazem)["rejeicoes"] == [{"_carga_id": 9, "_arquivo": "a.csv", "linhas": 2}]
    assert "Rejected lines" in armazem.lastro("status").stdout


def test_com_extracoes_a_espera(armazem: ArmazemDeTeste, fonte: Fonte) -> None:
    opcoes = ("--allow-shrink",)
    armazem.carregar(fonte, "2026-08-01T06:00:00", *opcoes)
    armazem.carregar(fonte, "2026-09-01T06:00:00", *opcoes)
    assert estado(armazem)["extracoes_pendentes"] == 2
    dito = armazem.lastro("status").stdout
    assert "2 extractions wait" in dito
    assert "lastro snapshot" in dito


def test_armazem_em_que_nada_foi_feito(armazem_vazio: ArmazemDeTeste) -> None:
    dito = estado(armazem_vazio)
    assert (dito["cargas"], dito["reconciliacao"], dito["extracoes_pendentes"]) == ([], [], 0)
    assert dito["camadas"]["raw_sicooperative"] == {
        "associado": 0, "cartao": 0, "conta": 0, "movimentacao_cartao": 0,
    }  # fmt: skip
    assert dito["camadas"]["raw_pod_cartoes"] == {"faturas": 0, "pagamentos": 0}
    assert dito["entregas"] == []
    armazem_vazio.lastro("status")


def test_entregas_em_arquivos(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    for nome, conteudo in {
        "tb_faturas.csv": faturas("1"),
        "tb_faturas_202401.csv": faturas("2", "3"),
        "tb_faturas_202403.csv": faturas("4"),
        "tb_faturas_202404.csv": b"",
        "tb_pagamentos_202404.csv": b"",
    }.items():
        (tmp_path / nome).write_bytes(conteudo)
    carregar(armazem_vazio, tmp_path)
    carregar(armazem_vazio, tmp_path)
    (tmp_path / "tb_faturas_202401.csv").write_bytes(faturas("2", "3", "5"))
    (tmp_path / "tb_pagamentos_202404.csv").write_bytes(pagamentos("1"))
    carregar(armazem_vazio, tmp_path)
    dito = estado(armazem_vazio)
    assert [tuple(e.values()) for e in dito["entregas"]] == [
        ("pod_cartoes", "faturas", 3, "2024-01", "2024-03", 5, 1),
        ("pod_cartoes", "pagamentos", 1, "2024-04", "2024-04", 1, 0),
    ]
    assert "sem_novidade" not in {c["status"] for c in dito["cargas"]}
