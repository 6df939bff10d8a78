"""kill -9 in the middle of a replay or a build, then the same command again: as if undisturbed.

The undisturbed run is the demonstration's own build. A death falls after so many statements that
the engine answered, so the moments spread over the work itself, however fast the machine is.
"""

import re
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
DAS_FATURAS = re.compile(r"pod_cartoes|fatura|pagamento|livro|^risco|rec_duplicatas|entregas")
DE_OUTRAS = {
    "rec_fintech",
    "rec_credito",
    "rec_alteracao_indevida",
    "rec_dias_alterados",
    *(
        arquivo.stem.removeprefix("quarentena_")
        for fonte in ("fintech", "credito")
        for pasta in ("models/staging", "models/quarentena", "seeds")
        for arquivo in (PROJETO / pasta / fonte).iterdir()
    ),
}
"""What these builds leave out, as it comes of other sources."""
Retrato = tuple[dict[str, list[Linha]], dict[str, str]]


def retrato(armazem: ArmazemDeTeste) -> Retrato:
    """All that a build makes, but for insertion times: core by rows, the rest by checksums."""
    somas = oraculo.somas(armazem, "controle", *(f"raw_{fonte}" for fonte in fontes()))
    somas["core.fact_movimentacao"] = "by rows"
    return nucleo(armazem), somas


def _desta_fonte(tabela: str) -> bool:
    nome = tabela.partition(".")[2]
    return not DAS_FATURAS.search(tabela) and nome not in DE_OUTRAS


def conferir(armazem: ArmazemDeTeste, esperado: Retrato) -> None:
    """Compare with the undisturbed build; tables that a death left behind are found too."""
    linhas, somas = retrato(armazem)
    assert set(linhas) == set(filter(_desta_fonte, esperado[0]))
    for tabela, obtidas in linhas.items():
        oraculo.iguais(tabela, obtidas, esperado[0][tabela])
    assert somas == {t: soma for t, soma in esperado[1].items() if _desta_fonte(t)}


def descartar(armazem: ArmazemDeTeste) -> None:
    """Back to extractions that nothing was built from yet."""
    for esquema in manifesto.esquemas(armazem.config):
        armazem.executar(f"drop schema if exists {esquema} cascade")


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
