"""Commands that need not be imported again: each is a fork of a process that has read their code.

Importing `lastro` takes a second a process, and dbt seven with working out how its files are read
and written, which is most of what many tests do. `python comandos_quentes.py` reads a request a
line (JSON: command, environment, folder, files for both streams), runs the command in a fork, and
answers its exit code.
"""

import importlib
import json
import os
import select
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any

from loaders import PROJETO

LIMITE = 600
"""Seconds that a command may take."""

MASCARA = os.umask(0o077)
os.umask(MASCARA)
"""The umask of who runs the tests. A warehouse that they open themselves restricts their own."""


@cache
def quentes(projeto: Path = PROJETO) -> "ComandosQuentes":
    """The one process for a project, or for all copies of it that stand in one place."""
    return ComandosQuentes(projeto)


class ComandosQuentes:
    """The process, as those who want something of it see it; it starts with the first command."""

    def __init__(self, projeto: Path) -> None:
        """Nothing runs yet.

        Args:
            projeto: the folder whose `lastro` is run; what its files say is read by each command.
        """
        self._projeto = projeto
        self._processo: subprocess.Popen[str] | None = None
        self._vez = threading.Lock()

    def rodar(
        self,
        comando: tuple[str, ...],
        ambiente: dict[str, str],
        onde: Path,
        rascunho: Path,
        frio: bool = False,
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command; the same as a process of its own, but for its start.

        Args:
            comando: `dbt` or `lastro`, and its arguments.
            ambiente: its environment; what is read as a program starts is that of the tests.
            onde: the folder in which it runs.
            rascunho: a folder for what it prints.
            frio: start it by itself after all, as happens beside a command that runs already.
        """
        if frio or not self._vez.acquire(blocking=False):
            return subprocess.run(
                [str(Path(sys.executable).parent / comando[0]), *comando[1:]],
                cwd=onde,
                env=ambiente,
                capture_output=True,
                text=True,
                timeout=LIMITE,
                umask=MASCARA,
            )
        try:
            saida, erro = rascunho / f"{comando[0]}.saida", rascunho / f"{comando[0]}.erro"
            codigo = self._pedir(
                comando=comando, ambiente=ambiente, onde=str(onde), saida=str(saida), erro=str(erro)
            )
            return subprocess.CompletedProcess(comando, codigo, saida.read_text(), erro.read_text())
        finally:
            self._vez.release()

    def _pedir(self, **pedido: Any) -> int:
        """Have a command run by the process that is warm; its exit code."""
        if self._processo is None:
            self._processo = subprocess.Popen(
                [sys.executable, __file__],
                env=os.environ | {"PYTHONPATH": str(self._projeto)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                umask=MASCARA,
            )
        assert self._processo.stdin
        assert self._processo.stdout
        self._processo.stdin.write(json.dumps(pedido) + "\n")
        self._processo.stdin.flush()
        if not select.select([self._processo.stdout], [], [], LIMITE)[0]:
            self._processo.kill()
            raise TimeoutError(f"{' '.join(pedido['comando'])}: {LIMITE} s")
        return int(self._processo.stdout.readline())


def _rodar(pedido: dict[str, Any]) -> None:
    """In the fork: become the command, and end as it ends."""
    from dbt.cli.main import cli

    from loaders.cli import main

    for descritor, arquivo in ((1, pedido["saida"]), (2, pedido["erro"])):
        aberto = os.open(arquivo, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(aberto, descritor)
        os.close(aberto)
    nada = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nada, 0)
    os.environ.clear()
    os.environ.update(pedido["ambiente"])
    os.chdir(pedido["onde"])
    sys.argv = pedido["comando"]
    sys.exit(cli() if sys.argv[0] == "dbt" else main())


def _subclasses(classe: type) -> set[type]:
    return {s for filha in classe.__subclasses__() for s in (filha, *_subclasses(filha))}


def _servir() -> None:
    modulos = ("dbt.cli.main", "dbt.adapters.duckdb", "dbt.adapters.postgres", "loaders.cli")
    for modulo in modulos:
        importlib.import_module(modulo)  # in this order: dbt's modules import each other
    from dbt.contracts.graph import unparsed
    from dbt_common.dataclass_schema import dbtClassMixin

    for classe in _subclasses(dbtClassMixin):
        if classe.__module__ == unparsed.__name__:
            classe.json_schema()  # type: ignore[attr-defined]
    aquecida = False
    for linha in sys.stdin:
        pedido = json.loads(linha)
        filho = os.fork()
        if filho == 0:
            _rodar(pedido)
        print(os.waitstatus_to_exitcode(os.waitpid(filho, 0)[1]), flush=True)
        lida = Path(pedido["onde"], pedido["ambiente"]["DBT_TARGET_PATH"], "partial_parse.msgpack")
        if not aquecida and lida.exists():
            _aquecer(lida)
            aquecida = True


def _aquecer(lida: Path) -> None:
    """Read and write a parsed project once: dbt makes the code for that when it first does it."""
    from dbt.contracts.graph.manifest import Manifest

    Manifest.from_msgpack(lida.read_bytes()).to_msgpack()


if __name__ == "__main__":
    _servir()
