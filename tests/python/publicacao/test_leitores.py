"""Readers without pause while versions come and go, and publications killed at any moment."""

import random
import time
from pathlib import Path

import pytest
from apoio import iniciar
from apoio_leitores import MUDANCA, ciclos, conferir, leitores, por_cima, por_entregas
from apoio_publicacao import ler, reconstruir, versoes
from conftest import ArmazemDeTeste

from loaders.publicacao import publicar


@pytest.mark.nightly_on("postgres")
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
