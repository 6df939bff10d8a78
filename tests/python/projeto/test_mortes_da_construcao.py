"""kill -9 in the middle of a replay or a build, then the same command again: as if undisturbed.

The undisturbed run is the demonstration's own build. A death falls after so many statements that
the engine answered, so the moments spread over the work itself, however fast the machine is.
"""

import signal
from pathlib import Path
from random import Random

import oraculo
import pytest
from apoio import matar
from apoio_historia import DA_BASE, construir, nucleo
from conftest import ArmazemDeTeste
from oraculo import Linha

from loaders import PROJETO
from loaders.contratos import fontes
from loaders.nucleo.falhas import PONTOS
from loaders.projeto import manifesto

REPRODUZIR = ("lastro", "snapshot")
CONSTRUIR = ("dbt", "build", *DA_BASE)
DE_FORA = (
    "seeds/credito",
    "seeds/fintech",
    "models/staging/pod_cartoes",
    "models/marts",
    "models/intermediate/livro",
)
"""Folders that these builds leave out, beside what comes of other sources."""
Retrato = tuple[dict[str, list[Linha]], dict[str, str]]


def retrato(armazem: ArmazemDeTeste) -> Retrato:
    """All that a build makes, but for insertion times: core by rows, the rest by checksums."""
    somas = oraculo.somas(armazem, "controle", *(f"raw_{fonte}" for fonte in fontes()))
    somas["core.fact_movimentacao"] = "by rows"
    return nucleo(armazem), somas


def _de_outras(armazem: ArmazemDeTeste) -> set[str]:
    """The tables that these builds leave out; a replay is of all sources."""
    nomes = {arquivo.stem for pasta in DE_FORA for arquivo in (PROJETO / pasta).rglob("*")}
    return {
        f"{no.esquema}.{no.nome}"
        for no in manifesto.nos(armazem.config)
        if no.tipo != "snapshot" and (no.fontes - {"sicooperative"} or no.nome in nomes)
    }


def conferir(armazem: ArmazemDeTeste, esperado: Retrato) -> None:
    """Compare with the undisturbed build; tables that a death left behind are found too."""
    linhas, somas = retrato(armazem)
    fora = _de_outras(armazem)
    assert linhas.keys() - fora == esperado[0].keys() - fora
    for tabela in linhas.keys() - fora:
        oraculo.iguais(tabela, linhas[tabela], esperado[0][tabela])
    tidas, devidas = (
        {t: soma for t, soma in deles.items() if t not in fora} for deles in (somas, esperado[1])
    )
    assert tidas == devidas


def descartar(armazem: ArmazemDeTeste) -> None:
    """Back to extractions that nothing was built from yet."""
    for esquema in manifesto.esquemas(armazem.config):
        armazem.executar(f"drop schema if exists {esquema} cascade")


@pytest.mark.nightly_on("postgres")
def test_morte_em_cada_ponto_e_ao_acaso(armazem: ArmazemDeTeste, tmp_path: Path) -> None:
    """One warehouse, killed on its way at two named points and two moments."""
    if armazem.motor == "duckdb":
        pytest.skip("on this engine with the slow ones, below")
    esperado = retrato(armazem)
    sorteio = Random(armazem.motor)
    descartar(armazem)
    for ponto in (p for p in PONTOS if p.startswith("historia.")):
        armazem.lastro("snapshot", esperado=-signal.SIGKILL, LASTRO_FAILPOINT=ponto)
    aplicadas = armazem.linhas("select count(*) from snapshots.extracoes_aplicadas")
    assert aplicadas == [(1,)], "what was applied before the death stays"
    mortes = [matar(armazem, REPRODUZIR, sorteio.randrange(1, 110), tmp_path / "replay")]
    armazem.lastro("snapshot")
    mortes.append(matar(armazem, CONSTRUIR, sorteio.randrange(5, 260), tmp_path / "build"))
    assert any(mortes), "most moments fall before the end"
    armazem.dbt("build", *DA_BASE)
    conferir(armazem, esperado)


@pytest.mark.slow
def test_morte_ao_acaso_vinte_vezes(armazem: ArmazemDeTeste, tmp_path: Path) -> None:
    """Every death starts from nothing built, so each is the first of its warehouse."""
    esperado = retrato(armazem)
    sorteio = Random(f"20/{armazem.motor}")
    mortes = 0
    for numero in range(20):
        descartar(armazem)
        if numero % 2:
            armazem.lastro("snapshot")
            respostas = sorteio.randrange(5, 260)
            mortes += matar(armazem, CONSTRUIR, respostas, tmp_path / str(numero))
        else:
            mortes += matar(armazem, REPRODUZIR, sorteio.randrange(1, 160), tmp_path / str(numero))
        construir(armazem)
        conferir(armazem, esperado)
    assert mortes >= 15
