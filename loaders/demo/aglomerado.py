"""A Spark cluster on this machine: a master and workers, each a process, on 127.0.0.1.

For the tests and the benchmarks: what a cluster of machines does is seen here with its processes,
their memory and what they send each other, but not with a network's delay.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from loaders.nucleo.erros import LagoIndisponivel

ENDERECO = "127.0.0.1"
ESPERA_SEGUNDOS = 60
MEMORIA_DO_PROCESSO = "256m"
"""What a master or worker itself has; its executors have the worker's."""


@dataclass(frozen=True)
class Aglomerado:
    """A running cluster.

    Attributes:
        endereco: what `LASTRO_SPARK_MASTER` is to be.
        trabalhadores: the workers' processes, parents of their executors.
        registros: the workers' logs.
    """

    endereco: str
    trabalhadores: list["subprocess.Popen[bytes]"]
    registros: list[Path]


@contextmanager
def iniciar(python: Path, pasta: Path, trabalhadores: int, memoria: str) -> Iterator[Aglomerado]:
    """Run a cluster for as long as the block does.

    Args:
        python: the interpreter of the environment that has pyspark.
        pasta: where logs go, and what executors spill.
        trabalhadores: how many workers, of one core each.
        memoria: what a worker can give to executors, as Spark writes it: `2g`.

    Raises:
        LagoIndisponivel: a process ended, or did not come up within a minute.
    """
    # The interpreter itself, and not what it links to: that one lies outside its environment.
    (spark_class,) = python.parent.parent.glob("lib/python*/site-packages/pyspark/bin/spark-class")
    with socket.create_server((ENDERECO, 0)) as livre:
        porta = livre.getsockname()[1]
    endereco = f"spark://{ENDERECO}:{porta}"
    aqui = ("--host", ENDERECO, "--webui-port", "0")
    with ExitStack() as pilha:
        mestre = (spark_class, pasta, "master", "master.Master", *aqui, "--port", str(porta))
        _, registro = pilha.enter_context(_processo(*mestre))
        _esperar(registro, "I have been elected leader")
        partes = ("worker.Worker", *aqui, "-c", "1", "-m", memoria, endereco)
        iniciados = [
            pilha.enter_context(_processo(spark_class, pasta, f"worker{n}", *partes))
            for n in range(trabalhadores)
        ]
        for _, registro in iniciados:
            _esperar(registro, "Successfully registered with master")
        processos, registros = zip(*iniciados, strict=True)
        yield Aglomerado(endereco, list(processos), list(registros))


@contextmanager
def _processo(
    spark_class: Path, pasta: Path, nome: str, classe: str, *argumentos: str
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """A process of Spark for as long as the block runs, and its log."""
    registro = pasta / f"{nome}.log"
    onde = pasta / nome
    ambiente = {
        **os.environ,
        "SPARK_WORKER_DIR": str(onde),
        "SPARK_LOCAL_DIRS": str(onde),
        "SPARK_DAEMON_MEMORY": MEMORIA_DO_PROCESSO,
    }
    with registro.open("wb") as aberto:
        processo = subprocess.Popen(  # noqa: S603 - a program of this environment
            [str(spark_class), f"org.apache.spark.deploy.{classe}", *argumentos],
            env=ambiente, stdout=aberto, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield processo, registro
        finally:
            processo.terminate()
            processo.wait()


def _esperar(registro: Path, dito: str) -> None:
    limite = time.monotonic() + ESPERA_SEGUNDOS
    while dito not in (texto := registro.read_text(errors="replace")):
        if time.monotonic() > limite:
            raise LagoIndisponivel(f"Spark did not start ({registro}):\n{texto[-2000:]}")
        time.sleep(0.2)
