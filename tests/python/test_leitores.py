"""Readers without pause while versions come and go, and publications killed at any moment."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from apoio import iniciar
from apoio_arquivos import faturas, pagamentos
from apoio_publicacao import ler, reconstruir, versao_lida, versoes
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


@pytest.mark.parametrize(
    ("quantos", "vezes", "de_verdade"),
    [
        (2, 2, False),
        pytest.param(8, 20, False, marks=pytest.mark.slow),
        pytest.param(8, 3, True, marks=pytest.mark.slow),
    ],
    ids=["two", "eight", "eight, while dbt builds"],
)
def test_leitores_veem_uma_versao_inteira(
    publicado: ArmazemDeTeste, tmp_path: Path, quantos: int, vezes: int, de_verdade: bool
) -> None:
    mudar = por_entregas(tmp_path / "entregas") if de_verdade else por_cima
    with leitores(publicado, tmp_path, quantos) as vistos:
        esperadas = ciclos(publicado, vezes, mudar)
    assert len(esperadas) == vezes + 1
    conferir(vistos, esperadas)
    lidas = {versao for visto in vistos for versao, *_ in visto["respostas"]}
    assert len(lidas) > 1, "nothing was switched while they read"


@pytest.mark.slow
def test_morta_em_cinquenta_momentos(publicado: ArmazemDeTeste, tmp_path: Path) -> None:
    """Publish or go back, killed anywhere: the readers see whole versions, and it can be done."""
    sorte = random.Random(20240310)
    esperadas = ciclos(publicado, 1)
    mortas = 0
    duracao: dict[bool, float] = {}
    with leitores(publicado, tmp_path, 2) as vistos:
        for vez in range(52):
            volta = bool(vez % 2)
            if volta:
                comando: tuple[str, ...] = ("rollback", sorte.choice(versoes(publicado)))
            else:
                reconstruir(publicado, MUDANCA)
                comando = ("publish", "--keep", "4")
            inicio = time.monotonic()
            processo = iniciar(publicado, *comando)
            if volta in duracao:
                time.sleep(sorte.uniform(0.1, 0.9) * duracao[volta])
                processo.kill()
            processo.communicate()
            # The first of each is left alone, and says how long one takes.
            duracao.setdefault(volta, time.monotonic() - inicio)
            mortas += processo.returncode == -9
            esperadas |= {
                (v.nome, v.tabelas["core.fact_fatura"].linhas,
                 v.tabelas["core.fact_pagamento"].linhas)
                for v in publicar.listar(publicado.config)[1]
            }  # fmt: skip
        publicar.publicar(publicado.config)
    publicar.podar(publicado.config, 1)  # which gives way to readers
    assert mortas > 40
    conferir(vistos, esperadas | ciclos(publicado, 0))
    assert len(versoes(publicado)) == 1
    assert ler(publicado, "risco", "select count(*) from pub_core.fact_fatura") == publicado.linhas(
        "select count(*) from core.fact_fatura"
    )
