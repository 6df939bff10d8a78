"""Readers without pause, and what they may see."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apoio_arquivos import faturas, pagamentos
from apoio_publicacao import reconstruir, versao_lida
from conftest import PROJETO, ArmazemDeTeste

from loaders.publicacao import publicar

MUDANCA = "".join(
    f"delete from core.{t} where id_{t[5:]} = (select min(id_{t[5:]}) from core.{t});"
    for t in ("fact_fatura", "fact_pagamento")
)
"""One row less in two tables, so that no two versions agree in either."""


@contextmanager
def leitores(armazem: ArmazemDeTeste, pasta: Path, quantos: int) -> Iterator[list[dict[str, Any]]]:
    """Reader processes, which read until the block ends; then what each of them saw."""
    onde = (
        str(armazem.publicado / "current" / "risco.duckdb")
        if armazem.motor == "duckdb"
        else armazem.servidor.dsn("armazem")
    )
    parar = pasta / "parar"
    saidas = [pasta / f"leitor_{n}.json" for n in range(quantos)]
    programa = str(Path(__file__).with_name("leitor_continuo.py"))
    processos = [
        subprocess.Popen([sys.executable, programa, onde, str(parar), str(saida)], cwd=PROJETO)
        for saida in saidas
    ]
    vistos: list[dict[str, Any]] = []
    try:
        yield vistos
    finally:
        parar.touch()
        for processo in processos:
            processo.wait(60)
    vistos += [json.loads(saida.read_text()) for saida in saidas]


def conferir(vistos: list[dict[str, Any]], esperadas: set[tuple[Any, ...]]) -> None:
    """No query failed, and each saw one of the versions, whole."""
    for visto in vistos:
        assert visto["erros"] == {}
        assert sum(n for *_, n in visto["respostas"]) > 3
        assert {tuple(resposta) for *resposta, _ in visto["respostas"]} <= esperadas


Mudar = Callable[[ArmazemDeTeste, int], None]
"""Makes the tables that are published others; it is told how often it was done before."""


def por_cima(armazem: ArmazemDeTeste, _vez: int) -> None:
    """Change the tables themselves, in a second."""
    reconstruir(armazem, MUDANCA)


def por_entregas(entregas: Path) -> Mudar:
    """Deliver a month with an invoice and a payment more than before; load and build it."""

    def mudar(armazem: ArmazemDeTeste, vez: int) -> None:
        ids = [f"nova-{n}" for n in range(vez + 1)]
        entregas.mkdir(exist_ok=True)
        (entregas / "tb_faturas_202612.csv").write_bytes(faturas(*ids))
        (entregas / "tb_pagamentos_202612.csv").write_bytes(pagamentos(*ids))
        armazem.lastro("load", "pod_cartoes", str(entregas))
        armazem.dbt("build", "--exclude-resource-type", "unit_test")

    return mudar


def ciclos(armazem: ArmazemDeTeste, quantos: int, mudar: Mudar = por_cima) -> set[tuple[Any, ...]]:
    """Build, publish, go back, go on; every version with the rows of its two tables."""
    esperadas = set()

    def anotar() -> None:
        for versao in publicar.listar(armazem.config)[1]:
            tabelas = versao.tabelas
            esperadas.add(
                (
                    versao.nome,
                    tabelas["core.fact_fatura"].linhas,
                    tabelas["core.fact_pagamento"].linhas,
                )
            )

    anotar()
    for vez in range(quantos):
        antes = versao_lida(armazem)
        mudar(armazem, vez)
        nova = publicar.publicar(armazem.config, manter=3).versao.nome
        publicar.voltar(armazem.config, antes)
        publicar.voltar(armazem.config, nova)
        anotar()
    return esperadas
