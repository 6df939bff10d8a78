"""The demonstration's credit start-up: its scores tell, and it stands as its stage says."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from conftest import POUCAS_CONTAS, POUCOS_PEDIDOS

from loaders.demo import credito, fintech, servidor
from loaders.demo.credito.pedidos import planejar

FONTE = "demonstracao_credito"


@pytest.fixture
def dsn(postgres: servidor.Servidor) -> str:
    """An empty database."""
    with psycopg.connect(postgres.dsn(), autocommit=True) as conexao:
        conexao.execute(f"drop database if exists {FONTE} with (force)")
    postgres.criar_banco(FONTE)
    return postgres.dsn(FONTE)


@pytest.fixture(scope="module", autouse=True)
def _memoria() -> Iterator[None]:
    yield
    credito.esquecer_planos()


def mostrado(dsn: str, pasta: Path) -> dict[str, Any]:
    """All that the start-up shows: rows, scores, events and when their files were written."""
    with psycopg.connect(dsn) as conexao:
        tabelas = {
            tabela: conexao.execute(f"select * from {tabela} order by 1").fetchall()
            for tabela in ("pedido_credito", "pedido_credito_historico")
        }
    arquivos = sorted(a for a in pasta.rglob("*.jsonl"))
    return {
        **tabelas,
        "arquivos": {
            str(a.relative_to(pasta)): (
                a.read_bytes(), a.stat().st_mtime if a.parent != pasta else None
            )
            for a in arquivos
        },
    }  # fmt: skip


def preparar(dsn: str, pasta: Path, etapa: int) -> dict[str, Any]:
    credito.preparar(dsn, pasta, etapa, POUCOS_PEDIDOS, POUCAS_CONTAS)
    return mostrado(dsn, pasta)


def test_cada_etapa_e_a_mesma_de_onde_quer_que_se_venha(dsn: str, tmp_path: Path) -> None:
    antes = preparar(dsn, tmp_path, 0)
    depois = preparar(dsn, tmp_path, 1)
    assert antes["arquivos"].keys() < depois["arquivos"].keys()
    assert len(antes["pedido_credito"]) < len(depois["pedido_credito"])
    credito.esquecer_planos()
    assert preparar(dsn, tmp_path, 1) == depois
    assert preparar(dsn, tmp_path, 0) == antes
    (tmp_path / "eventos").rename(tmp_path / "outro")
    (tmp_path / ".receita.json").unlink()
    assert len(preparar(dsn, tmp_path / "novo", 0)["arquivos"]) == len(antes["arquivos"])


def test_o_parceiro_responde_tudo_pagina_por_pagina(dsn: str, tmp_path: Path) -> None:
    preparar(dsn, tmp_path, 1)
    publicados = [
        json.loads(linha) for linha in (tmp_path / "scores.jsonl").read_text().splitlines()
    ]
    assert [p["publicado_em"] for p in publicados] == sorted(p["publicado_em"] for p in publicados)
    lidos: list[dict[str, Any]] = []
    pedido: dict[str, str] = {"limite": "100"}
    with credito.parceiro(tmp_path) as url, httpx.Client(base_url=url, trust_env=False) as cliente:
        while True:
            pagina = cliente.get("/v1/scores", params=pedido).json()
            lidos += pagina["itens"]
            if not pagina["proximo_cursor"]:
                break
            pedido["cursor"] = pagina["proximo_cursor"]
        desde = {"publicado_desde": publicados[-3]["publicado_em"], "limite": "100"}
        ultimos = cliente.get("/v1/scores", params=desde).json()["itens"]
        assert cliente.get("/v2/scores").status_code == 404
    assert lidos == publicados
    assert ultimos == publicados[-3:]


def test_scores_dizem_quem_nao_paga() -> None:
    """Of a bad and a good contract the good one has the better score three times in four."""
    plano = fintech.planejar(
        replace(POUCAS_CONTAS, lancamentos=40_000, emprestimos=3_000, auditorias=60_000), 7
    )
    feitos = planejar(random.Random(1), 6_000, plano.usuarios, plano.emprestimos)
    maus, bons = ([p.nota for p in feitos if p.contrato and p.mau is x] for x in (True, False))
    assert len(maus) > 100
    ganhas = sum(1.0 if b > m else 0.5 * (b == m) for m in maus for b in bons)
    assert 0.70 < ganhas / (len(maus) * len(bons)) < 0.80


def test_pedidos_seguem_seu_caminho() -> None:
    plano = fintech.planejar(POUCAS_CONTAS, 7)
    feitos = planejar(random.Random(1), 1_200, plano.usuarios, plano.emprestimos)
    assert len({p.id for p in feitos}) == len(feitos) == 1_200
    for p in feitos:
        assert all(a[0] < b[0] for a, b in pairwise(p.passos)), p
    fins = Counter(p.passos[-1][1] for p in feitos)
    assert fins["DESEMBOLSADO"] == sum(1 for p in feitos if p.contrato) > 100
    assert fins.keys() >= {"RECUSADO", "CANCELADO", "EXPIRADO", "RASCUNHO"}
    with pytest.raises(ValueError, match=r"At least [0-9]+ applications"):
        planejar(random.Random(1), 100, plano.usuarios, plano.emprestimos)
