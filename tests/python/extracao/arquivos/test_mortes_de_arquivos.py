"""Loads of files that are killed, and loads that meet: the result is that of one undisturbed."""

import gzip
import os
import random
import shutil
import signal
import time
from pathlib import Path

import fsspec
import pytest
from apoio_arquivos import (
    CARREGAR_E_ESPERAR,
    arvore,
    carregar,
    esperar_soltar,
    faturas,
    fotografia,
    pagamentos,
    processo,
    sem_numero,
)
from apoio_s3 import balde, s3
from conftest import ArmazemDeTeste

from loaders.nucleo.falhas import PONTOS

pytestmark = pytest.mark.nightly_on("duckdb")

__all__ = ["balde", "s3"]
PONTOS_DE_ARQUIVO = [p for p in PONTOS if p.startswith("arquivo.")]
SO_DE_S3 = ("arquivo.entre_copias", "arquivo.entre_copiar_e_apagar", "arquivo.entre_apagadas")


def entregar(pasta: Path) -> None:
    """Files of every kind: good ones, one with rejects, unfit ones, two for one delivery; folders.

    The unfit folder is the first that is refused.
    """
    pasta.mkdir(parents=True, exist_ok=True)
    for nome, conteudo in {
        "tb_faturas.csv": faturas("0"),
        "tb_faturas_202401.csv": faturas(*map(str, range(3000))) + b"x\ny\n",
        "tb_faturas_202402.csv": faturas("1").replace(b"id_cliente", b"cliente"),
        "tb_faturas_202403.csv": faturas("1"),
        "TB_FATURAS_202403.CSV": faturas("2"),
        "tb_pagamentos_202402.csv/_SUCCESS": b"",
        "tb_pagamentos_202402.csv/part-0.csv": pagamentos("90"),
        "tb_pagamentos_202402.csv/part-1.csv.gz": gzip.compress(pagamentos("91"), mtime=0),
        "tb_pagamentos_202312.csv/_SUCCESS": b"",
        "tb_pagamentos_202312.csv/part-0.csv": pagamentos("92"),
        "tb_pagamentos_202312.csv/part-1.csv": faturas("93"),
        f"tb_faturas_{'longo' * 45}.csv": b"too long a name for its reason's to stand beside it\n",
        "tb_pagamentos_202401.csv": pagamentos(*map(str, range(50))) + b'"\n',
    }.items():
        (pasta / nome).parent.mkdir(exist_ok=True)
        (pasta / nome).write_bytes(conteudo)


_sem_perturbacao: dict[str, tuple[dict[str, list[str]], dict[str, bytes]]] = {}


def sem_perturbacao(
    armazem: ArmazemDeTeste, pasta: Path
) -> tuple[dict[str, list[str]], dict[str, bytes]]:
    """What an undisturbed load leaves in warehouse and folder."""
    if armazem.motor not in _sem_perturbacao:
        entregar(pasta)
        carregar(armazem, pasta)
        _sem_perturbacao[armazem.motor] = fotografia(armazem), arvore(pasta)
        armazem.restaurar("vazio")
        shutil.rmtree(pasta)
    return _sem_perturbacao[armazem.motor]


@pytest.mark.parametrize("ponto", [p for p in PONTOS_DE_ARQUIVO if p not in SO_DE_S3])
def test_morta_em_cada_ponto_e_rodada_de_novo_da_o_mesmo(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path, ponto: str
) -> None:
    pasta = tmp_path / "entregas"
    esperado = sem_perturbacao(armazem_vazio, pasta)
    entregar(pasta)
    morta = processo(armazem_vazio, str(pasta), LASTRO_FAILPOINT=ponto)
    assert (morta.communicate(timeout=60)[1], morta.returncode) == (b"", -signal.SIGKILL)
    esperar_soltar(armazem_vazio)
    carregar(armazem_vazio, pasta)
    assert (fotografia(armazem_vazio), arvore(pasta)) == esperado


@pytest.mark.parametrize("ponto", SO_DE_S3)
def test_morta_entre_copiar_e_apagar_no_s3_e_rodada_de_novo_da_o_mesmo(
    armazem_vazio: ArmazemDeTeste,
    tmp_path: Path,
    balde: tuple[str, fsspec.AbstractFileSystem],
    ponto: str,
) -> None:
    """What was refused is a folder here, of which a part may be moved."""
    if armazem_vazio.motor == "postgres" and ponto != SO_DE_S3[1]:
        pytest.skip("the same files move, whatever the warehouse")
    pasta = tmp_path / "entregas"
    esperado = sem_perturbacao(armazem_vazio, pasta)
    entregar(pasta)
    endereco, sistema = balde
    sistema.put(f"{pasta}/", f"{endereco}/", recursive=True)
    aws = {k: v for k, v in os.environ.items() if k.startswith("AWS_")}
    morta = processo(armazem_vazio, endereco, LASTRO_FAILPOINT=ponto, **aws)
    assert (morta.communicate(timeout=60)[1], morta.returncode) == (b"", -signal.SIGKILL)
    esperar_soltar(armazem_vazio)
    carregar(armazem_vazio, endereco)
    no_s3 = {
        nome.partition("/pod_cartoes/")[2]: sem_numero(sistema.cat_file(nome))
        for nome in sistema.find(endereco)
    }
    assert (fotografia(armazem_vazio), no_s3) == esperado


def matar_ao_acaso(armazem: ArmazemDeTeste, pasta: Path, vezes: int, semente: int) -> None:
    esperado = sem_perturbacao(armazem, pasta)
    sorteio = random.Random(semente)
    mortas = 0
    for _ in range(vezes):
        armazem.restaurar("vazio")
        shutil.rmtree(pasta, ignore_errors=True)
        entregar(pasta)
        carga = processo(armazem, str(pasta))
        time.sleep(sorteio.uniform(0.3, 2.0))
        mortas += carga.poll() is None
        carga.kill()
        carga.communicate(timeout=60)
        esperar_soltar(armazem)
        carregar(armazem, pasta)
        assert (fotografia(armazem), arvore(pasta)) == esperado
    assert mortas


@pytest.mark.slow
def test_morta_em_cinquenta_momentos_ao_acaso_e_rodada_de_novo_da_o_mesmo(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> None:
    matar_ao_acaso(armazem_vazio, tmp_path / "entregas", vezes=50, semente=21)


def test_duas_cargas_ao_mesmo_tempo_a_segunda_diz_quem_escreve_ou_espera(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> None:
    entregar(tmp_path)
    (tmp_path / "tb_faturas_201001.csv").write_bytes(faturas("7"))
    carga = ("load", "pod_cartoes", str(tmp_path))
    primeira = processo(armazem_vazio, str(tmp_path), CARREGAR_E_ESPERAR)
    assert primeira.stdout is not None
    assert primeira.stdout.readline() == b"holding\n"
    impaciente = armazem_vazio.lastro(*carga, esperado=5, LASTRO_LOCK_WAIT="0.3")
    assert "LASTRO_LOCK_WAIT" in impaciente.stderr
    assert primeira.communicate(b"go on\n", timeout=60)[1] == b""
    esperar_soltar(armazem_vazio)
    assert armazem_vazio.linhas(
        "select status, count(*) from controle.cargas group by status order by status"
    ) == [("ok", 5), ("rejeitado", 5)]
