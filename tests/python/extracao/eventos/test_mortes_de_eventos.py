"""Loads of events that are killed, and that meet: the result is that of one undisturbed load."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from apoio_arquivos import esperar_soltar
from apoio_contratos import com_contratos, comando, contrato
from apoio_eventos import DA_FONTE, EVENTO, Corretor, corretor, evento, por_arquivo
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.nucleo.falhas import PONTOS

PONTOS_DE_EVENTOS = [p for p in PONTOS if p.startswith("eventos.")]
TOPICO = "pedidos"
DO_BROKER, DO_ARQUIVO = 120, 40


@pytest.fixture
def broker() -> Iterator[Corretor]:
    with corretor() as feito:
        feito.criar(TOPICO)
        feito.por(TOPICO, [*map(evento, range(DO_BROKER)), "veneno"])
        yield feito


@pytest.fixture
def pasta(tmp_path: Path) -> Path:
    """A file whose events came by the broker, too."""
    por_arquivo(tmp_path / "entregas/a.gz", [*map(evento, range(DO_ARQUIVO)), "veneno"])
    return tmp_path / "entregas"


@pytest.fixture
def projeto(tmp_path: Path) -> Iterator[Path]:
    texto = contrato("fluxo", "eventos", EVENTO.format(mais="lote: 15\n    intervalo: 0.2"))
    with com_contratos(tmp_path, fluxo=texto) as onde:
        yield onde


def carregar(
    armazem: ArmazemDeTeste,
    broker: Corretor,
    pasta: Path,
    projeto: Path,
    *opcoes: str,
    **mais: str,
) -> "subprocess.Popen[str]":
    onde = f"kafka://{broker.endereco}/{TOPICO} {pasta}"
    return subprocess.Popen(
        comando(projeto, "load", "fluxo", *opcoes),
        cwd=PROJETO,
        env=armazem.ambiente | {"FLUXO_EVENTOS_URL": onde, "LASTRO_LOCK_WAIT": "60"} | mais,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ate_o_fim(processo: "subprocess.Popen[str]") -> int:
    dito, erros = processo.communicate(timeout=120)
    assert processo.returncode in (0, -signal.SIGKILL), dito + erros
    return processo.returncode


def matar(processo: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(processo.pid, signal.SIGKILL)
    processo.communicate(timeout=60)


def conferir(armazem: ArmazemDeTeste, do_broker: int = DO_BROKER) -> None:
    """Each message is there once, and every load says how many of them are its own."""
    quantas = do_broker + DO_ARQUIVO
    linhas = armazem.linhas(
        f"select {DA_FONTE}, _topico, _particao, _deslocamento, _recebido_em from raw_fluxo.evento"
    )
    assert len(linhas) == len({li[-4:-1] for li in linhas}) == quantas
    assert len({li[0] for li in linhas}) == do_broker
    assert len({li[:-4] for li in linhas}) == do_broker, "an event is the same by whatever way"
    assert armazem.linhas("select motivo from controle.rejeicoes") == [("no JSON",)] * 2
    ditas = armazem.linhas(
        "select _carga_id, gravadas from controle.cargas where gravadas > 0 order by 1"
    )
    assert ditas == armazem.linhas(
        "select _carga_id, count(*) from raw_fluxo.evento group by 1 order by 1"
    )
    assert armazem.linhas("select count(*) from controle.cargas where status = 'em_curso'") == [
        (0,)
    ]
    assert armazem.linhas("select count(*) from controle.posicoes where topico = 'pedidos'") == [
        (3,)
    ]


@pytest.mark.parametrize("como", [(), ("--follow",)], ids=["ate_o_fim", "seguindo"])
@pytest.mark.parametrize("ponto", PONTOS_DE_EVENTOS)
@pytest.mark.nightly_on("duckdb")
def test_morta_em_cada_ponto_e_rodada_de_novo_da_o_mesmo(
    armazem_vazio: ArmazemDeTeste,
    broker: Corretor,
    pasta: Path,
    projeto: Path,
    ponto: str,
    como: tuple[str, ...],
) -> None:
    morta = carregar(armazem_vazio, broker, pasta, projeto, *como, LASTRO_FAILPOINT=ponto)
    assert ate_o_fim(morta) == -signal.SIGKILL
    esperar_soltar(armazem_vazio)
    ficou = armazem_vazio.linhas("select status, gravadas > 0 from controle.cargas")
    if ponto == "eventos.depois_do_commit":
        assert ficou == [("em_curso" if como else "parcial", True)]
    else:
        assert ficou == [] and armazem_vazio.linhas(
            "select (select count(*) from raw_fluxo.evento),"
            " (select count(*) from controle.posicoes), (select count(*) from controle.rejeicoes)"
        ) == [(0, 0, 0)]
    assert ate_o_fim(carregar(armazem_vazio, broker, pasta, projeto)) == 0
    conferir(armazem_vazio)


@pytest.mark.nightly_on("duckdb")
def test_morta_quando_for(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, pasta: Path, projeto: Path
) -> None:
    sorteio = random.Random(5)
    for como in ((), ("--follow",)):
        processo = carregar(armazem_vazio, broker, pasta, projeto, *como)
        time.sleep(sorteio.uniform(1.5, 3))
        matar(processo)
        esperar_soltar(armazem_vazio)
    assert ate_o_fim(carregar(armazem_vazio, broker, pasta, projeto)) == 0
    conferir(armazem_vazio)


def test_duas_que_se_encontram(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, pasta: Path, projeto: Path
) -> None:
    duas = [carregar(armazem_vazio, broker, pasta, projeto) for _ in range(2)]
    assert [ate_o_fim(processo) for processo in duas] == [0, 0]
    conferir(armazem_vazio)
    assert sorted(armazem_vazio.linhas("select status, gravadas from controle.cargas")) == [
        ("ok", DO_BROKER + DO_ARQUIVO), ("sem_novidade", 0),
    ]  # fmt: skip


@pytest.mark.slow
def test_vinte_mortes_de_quem_segue_e_de_quem_carrega_ao_mesmo_tempo(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, pasta: Path, projeto: Path
) -> None:
    sorteio = random.Random(41)
    quantos = DO_BROKER
    for n in range(20):
        seguidor = carregar(armazem_vazio, broker, pasta, projeto, "--follow")
        outro = carregar(
            armazem_vazio, broker, pasta, projeto, *sorteio.choice([(), ("--follow",)])
        )
        for _ in range(4):
            broker.por(TOPICO, [evento(quantos + i) for i in range(10)])
            quantos += 10
            time.sleep(sorteio.uniform(0.1, 0.8))
        for processo in sorteio.sample([seguidor, outro], 2):
            matar(processo)
            time.sleep(sorteio.uniform(0, 0.3) if n % 2 else 0)
        esperar_soltar(armazem_vazio)
    assert ate_o_fim(carregar(armazem_vazio, broker, pasta, projeto)) == 0
    conferir(armazem_vazio, quantos)
