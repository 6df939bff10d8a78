"""Loads of an API that are killed: the result is that of one undisturbed load."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from apoio_api import SCORES, Parceiro, item, parceiro
from apoio_arquivos import esperar_soltar
from apoio_contratos import com_contratos, comando, contrato
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.nucleo.falhas import PONTOS

PONTOS_DA_API = [p for p in PONTOS if p.startswith("api.")]
DA_FONTE = "id_consulta, id_cliente, modelo, score, publicado_em, revisao, motivo_revisao"


@pytest.fixture
def da_api() -> Iterator[Parceiro]:
    """The partner, with 23 scores, one of them in two contents, and one that is no row."""
    with parceiro() as feito:
        feito.itens = [item(n) for n in range(23)]
        feito.itens += [
            item(4, revisao=2),
            item(9, publicado_em="2024-05-01T12:20:00Z"),
            item(11, score="x", id_consulta="ruim"),
        ]
        yield feito


@pytest.fixture
def projeto(tmp_path: Path) -> Iterator[Path]:
    """The contracts, with the partner's."""
    with com_contratos(tmp_path, bureau=contrato("bureau", "api", SCORES.format(mais=""))) as onde:
        yield onde


def carregar(
    armazem: ArmazemDeTeste, p: Parceiro, projeto: Path, **mais: str
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        comando(projeto, "load", "bureau"),
        cwd=PROJETO,
        env=armazem.ambiente | {"BUREAU_API_URL": p.url} | mais,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ate_o_fim(armazem: ArmazemDeTeste, p: Parceiro, projeto: Path, **mais: str) -> int:
    processo = carregar(armazem, p, projeto, **mais)
    dito, erros = processo.communicate(timeout=120)
    assert processo.returncode in (0, -signal.SIGKILL), dito + erros
    return processo.returncode


def conferir(armazem: ArmazemDeTeste) -> None:
    """Each content is there once, and every load says how many of them are its own."""
    linhas: list[tuple[Any, ...]] = armazem.linhas(f"select {DA_FONTE} from raw_bureau.score")
    assert len(linhas) == len(set(linhas)) == 25
    assert armazem.linhas("select motivo from controle.rejeicoes") == [
        ("score is no decimal(18,6)",)
    ]
    ditas = armazem.linhas(
        "select _carga_id, gravadas from controle.cargas where gravadas > 0 order by 1"
    )
    assert ditas == armazem.linhas(
        "select _carga_id, count(*) from raw_bureau.score group by 1 order by 1"
    )
    assert armazem.linhas("select cursor, visto_ate from controle.cursores") == [(None, None)]
    assert armazem.linhas(
        "select count(*) from raw_bureau.score_chamada where _carga_id not in"
        " (select _carga_id from controle.cargas)"
    ) == [(0,)]


@pytest.mark.parametrize("ponto", PONTOS_DA_API)
@pytest.mark.nightly_on("duckdb")
def test_morta_em_cada_ponto_e_rodada_de_novo_da_o_mesmo(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro, projeto: Path, ponto: str
) -> None:
    assert ate_o_fim(armazem_vazio, da_api, projeto, LASTRO_FAILPOINT=ponto) == -signal.SIGKILL
    esperar_soltar(armazem_vazio)
    ficou = 5 if ponto == "api.depois_do_commit" else 0
    assert armazem_vazio.linhas("select count(*) from raw_bureau.score") == [(ficou,)]
    assert armazem_vazio.linhas("select status, gravadas from controle.cargas") == (
        [("parcial", 5)] if ficou else []
    )
    assert ate_o_fim(armazem_vazio, da_api, projeto) == 0
    conferir(armazem_vazio)


@pytest.mark.nightly_on("duckdb")
def test_morta_quando_for_e_nunca_mais_depressa(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro, tmp_path: Path
) -> None:
    texto = SCORES.format(mais="").replace("6000", "600").replace("limite: 5", "limite: 1")
    sorteio = random.Random(17)
    with com_contratos(tmp_path, bureau=contrato("bureau", "api", texto)) as projeto:
        for quantas in (3, 9):
            processo = carregar(armazem_vazio, da_api, projeto)
            antes = len(da_api.vistas)
            while processo.poll() is None and len(da_api.vistas) < antes + quantas:
                time.sleep(0.01)
            time.sleep(sorteio.uniform(0, 0.2))
            with suppress(ProcessLookupError):
                os.killpg(processo.pid, signal.SIGKILL)
            processo.communicate(timeout=60)
            esperar_soltar(armazem_vazio)
        assert ate_o_fim(armazem_vazio, da_api, projeto) == 0
    conferir(armazem_vazio)
    momentos = [v[0] for v in da_api.vistas]
    assert min(b - a for a, b in pairwise(momentos)) > 0.08
    # What was committed is not asked for again.
    assert len(momentos) <= 26 + 2 * 2


@pytest.mark.slow
def test_morta_vinte_vezes(armazem_vazio: ArmazemDeTeste, da_api: Parceiro, projeto: Path) -> None:
    sorteio = random.Random(23)
    for n in range(20):
        da_api.itens.append(item(30 + n))
        processo = carregar(armazem_vazio, da_api, projeto)
        time.sleep(sorteio.uniform(0.3, 2.5))
        with suppress(ProcessLookupError):
            os.killpg(processo.pid, signal.SIGKILL)
        processo.communicate(timeout=60)
        esperar_soltar(armazem_vazio)
    assert ate_o_fim(armazem_vazio, da_api, projeto) == 0
    linhas = armazem_vazio.linhas(f"select {DA_FONTE} from raw_bureau.score")
    assert len(linhas) == len(set(linhas)) == 45
