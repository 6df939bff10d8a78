"""A cluster builds what one machine does: a master and two workers on loopback."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from apoio_lago import PYTHON, Lago, lago, so_duckdb
from conftest import ArmazemDeTeste

from loaders import PROJETO

__all__ = ["lago"]

pytestmark = [pytest.mark.spark, pytest.mark.slow]
TABELA = "staging.base_pod_cartoes__faturas"


@contextmanager
def _processo(pasta: Path, nome: str, *argumentos: str) -> Iterator[Path]:
    """A process of Spark for as long as the block runs; its log."""
    (spark_class,) = PYTHON.parent.parent.glob("lib/python*/site-packages/pyspark/bin/spark-class")
    registro = pasta / f"{nome}.log"
    ambiente = {**os.environ, "SPARK_WORKER_DIR": str(pasta / nome), "SPARK_DAEMON_MEMORY": "256m"}
    with registro.open("wb") as aberto:
        feito = subprocess.Popen(
            [str(spark_class), f"org.apache.spark.deploy.{argumentos[0]}", *argumentos[1:]],
            env=ambiente, stdout=aberto, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield registro
        finally:
            feito.terminate()
            feito.wait()


def _esperar(registro: Path, dito: str) -> None:
    limite = time.monotonic() + 60
    while dito not in registro.read_text(errors="replace"):
        assert time.monotonic() < limite, registro.read_text(errors="replace")[-2000:]
        time.sleep(0.2)


def _porta() -> int:
    with socket.create_server(("127.0.0.1", 0)) as livre:
        return int(livre.getsockname()[1])


@so_duckdb
def test_dois_trabalhadores_constroem(lago: Lago, armazem: ArmazemDeTeste, tmp_path: Path) -> None:
    porta = _porta()
    endereco = f"spark://127.0.0.1:{porta}"
    aqui = ("--host", "127.0.0.1", "--webui-port", "0")
    with ExitStack() as pilha:
        mestre = pilha.enter_context(
            _processo(tmp_path, "master", "master.Master", *aqui, "--port", str(porta))
        )
        _esperar(mestre, "I have been elected leader")
        trabalhadores = [
            pilha.enter_context(
                _processo(tmp_path, nome, "worker.Worker", *aqui, "-c", "1", "-m", "1g", endereco)
            )
            for nome in ("first", "second")
        ]
        for trabalhador in trabalhadores:
            _esperar(trabalhador, "Successfully registered with master")
        lago.lastro("lake")
        dbt = subprocess.run(
            [str(PYTHON.with_name("dbt")), "build", "--target", "spark", "--select",
             f"+{TABELA.partition('.')[2]}", "--exclude-resource-type", "unit_test"],
            cwd=PROJETO, env={**lago.ambiente, "LASTRO_SPARK_MASTER": endereco},
            capture_output=True, text=True,
        )  # fmt: skip
        assert dbt.returncode == 0, dbt.stdout[-4000:]
        for trabalhador in trabalhadores:
            assert "Asked to launch executor" in trabalhador.read_text(errors="replace")
    assert len(lago.linhas()[TABELA]) == armazem.linhas(f"select count(*) from {TABELA}")[0][0] > 0
