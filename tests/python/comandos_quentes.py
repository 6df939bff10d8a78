"""Commands that need not be imported again: each is a fork of a process that has read their code.

Importing `lastro` takes a second a process, and dbt seven with working out how its files are read
and written, which is most of what many tests do. `python comandos_quentes.py FOLDER SOCKET` runs
each command that it is asked for in a fork, and answers its exit code.

Beside the socket stand a `dbt` and a `lastro` that ask, too, with their own arguments, environment,
streams and umask: for a shell, a Makefile, and the dbt that a command of `lastro` calls. `python`
beside them runs a program of one argument (`-c`) and no other.
"""

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from loaders import PROJETO
from loaders.projeto import ambiente_dbt

CLASSES = (
    "dbt.contracts.graph.unparsed", "dbt.contracts.project", "dbt.adapters.duckdb.credentials",
    "dbt.adapters.postgres.connections", "dbt_common.behavior_flags",
)  # fmt: skip
"""Modules of the classes with which dbt checks the files that it reads."""
QUENTES = ("dbt", "lastro")
LIMITE = 600
"""Seconds that a command may take."""

MASCARA = os.umask(0o077)
os.umask(MASCARA)
"""The umask of who runs the tests. A warehouse that they open themselves restricts their own."""

PROGRAMA = f"""#!{sys.executable} -IS
import json, os, socket, sys
mascara = os.umask(0)
pasta, nome = os.path.split(os.path.realpath(__file__))
pedido = {{"comando": [nome, *sys.argv[1:]], "ambiente": dict(os.environ), "onde": os.getcwd(),
          "mascara": mascara}}
texto = json.dumps(pedido).encode() + b"\\n"
tomada = socket.socket(socket.AF_UNIX)
tomada.connect(os.path.join(pasta, "tomada"))
tomada.sendall(texto[socket.send_fds(tomada, [texto], [0, 1, 2]) :])
codigo = int(tomada.recv(16) or -9)
if codigo < 0:
    os.kill(os.getpid(), -codigo)
sys.exit(codigo)
"""
"""The `dbt` and the `lastro` beside the socket: they end as the command, and it ends with them."""


@cache
def quentes() -> "ComandosQuentes":
    """The one process that whoever asks has, for all copies of the project."""
    return ComandosQuentes()


class ComandosQuentes:
    """The process, as those who want something of it see it; it ends when they do.

    Attributes:
        pasta: where `dbt` and `lastro` stand that ask it.
    """

    def __init__(self) -> None:
        """Start it. Whoever asks while it reads the code waits."""
        self._lugar = tempfile.TemporaryDirectory(prefix="quentes")
        self.pasta = Path(self._lugar.name)
        for nome in (*QUENTES, "python"):
            programa = self.pasta / nome
            programa.write_text(PROGRAMA)
            programa.chmod(0o700)
        with socket.socket(socket.AF_UNIX) as escuta:
            escuta.bind(str(self.pasta / "tomada"))
            escuta.listen()
            self._processo = subprocess.Popen(
                [sys.executable, __file__, str(self.pasta), str(escuta.fileno())],
                env=os.environ | {"PYTHONPATH": str(PROJETO)},
                stdin=subprocess.PIPE,
                pass_fds=[escuta.fileno()],
                umask=MASCARA,
            )

    def rodar(
        self,
        comando: tuple[str, ...],
        ambiente: dict[str, str],
        onde: Path,
        frio: bool = False,
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command; the same as a process of its own, but for its start.

        Args:
            comando: `dbt`, `lastro` or `python -c`, and its arguments.
            ambiente: its environment; what is read as a program starts is that of the tests.
            onde: the folder in which it runs.
            frio: start it by itself after all.
        """
        programas = Path(sys.executable).parent if frio else self.pasta
        return subprocess.run(
            [str(programas / comando[0]), *comando[1:]],
            cwd=onde,
            env=ambiente,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMITE,
            umask=MASCARA,
        )


def _servir(pasta: Path, escuta: socket.socket) -> None:
    """Fork for each request, until the input ends."""
    _ler_o_codigo()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait for commands
    ambiente_dbt.PROGRAMAS = pasta
    aquecida = False
    while escuta in select.select([escuta, sys.stdin], [], [])[0]:
        quem = escuta.accept()[0]
        texto, descritores, _, _ = socket.recv_fds(quem, 1 << 16, 3)
        while texto[-1:] != b"\n" and (mais := quem.recv(1 << 16)):
            texto += mais
        if texto[-1:] == b"\n":
            pedido = json.loads(texto)
            aquecida = aquecida or _aquecer(pedido)
            gc.freeze()  # what a fork never looks at, it does not copy
            if os.fork() == 0:
                escuta.close()
                _atender(quem, pedido, descritores)
        quem.close()
        for descritor in descritores:
            os.close(descritor)
    os._exit(0)


def _atender(quem: socket.socket, pedido: dict[str, Any], descritores: list[int]) -> None:
    """In a fork: have the command run in another one, and tell how it ended to who asked."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    fim, aberto = os.pipe()  # closed where the command ends
    filho = os.fork()
    if filho == 0:
        quem.close()
        os.close(fim)
        _rodar(pedido, descritores)
    os.close(aberto)
    if fim not in select.select([quem, fim], [], [])[0]:  # who asked was killed
        os.kill(filho, signal.SIGKILL)
    codigo = os.waitstatus_to_exitcode(os.waitpid(filho, 0)[1])
    try:
        quem.send(str(codigo).encode())
    finally:
        os._exit(0)


def _rodar(pedido: dict[str, Any], descritores: list[int]) -> None:
    """In the fork of the fork: become the command, and end as it ends."""
    for aqui, descritor in enumerate(descritores):
        os.dup2(descritor, aqui)
        os.close(descritor)
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.umask(pedido["mascara"])
    os.environ.clear()
    os.environ.update(pedido["ambiente"])
    os.chdir(pedido["onde"])
    sys.argv = pedido["comando"]
    projeto = os.environ.get("PYTHONPATH", str(PROJETO))
    if projeto != str(PROJETO):  # a copy's own code, and where its programs stand
        _outro_codigo(projeto)
    codigo: int | None = 1
    try:
        codigo = _comando()()
    except SystemExit as fim:
        if isinstance(fim.code, str):
            print(fim.code, file=sys.stderr)
        else:
            codigo = fim.code
    except BaseException:
        traceback.print_exc()
    _terminar(codigo or 0)


def _comando() -> Callable[[], int | None]:
    """What the program of a request calls."""
    if sys.argv[0] == "python":  # -c PROGRAM
        return lambda: exec(sys.argv[2], {"__name__": "__main__"})
    if sys.argv[0] == "dbt":
        from dbt.cli.main import cli

        return cli
    from loaders.cli import main

    return main


def _terminar(codigo: int) -> None:
    """End as Python does, but for the last look for garbage: it takes two seconds in a fork.

    It would write to each object that the fork shares with the process that it came from, and so
    have all of them copied.
    """
    for fio in threading.enumerate():
        if fio is not threading.current_thread() and not fio.daemon:
            fio.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(codigo)


def _outro_codigo(projeto: str) -> None:
    """Read the loaders of a copy of the project in place of those that were read."""
    programas = ambiente_dbt.PROGRAMAS
    for modulo in [m for m in sys.modules if m.partition(".")[0] == "loaders"]:
        del sys.modules[modulo]
    sys.path.insert(0, projeto)
    importlib.import_module("loaders.projeto.ambiente_dbt").PROGRAMAS = programas


def _subclasses(classe: type) -> set[type]:
    return {s for filha in classe.__subclasses__() for s in (filha, *_subclasses(filha))}


def _ler_o_codigo() -> None:
    modulos = ("dbt.cli.main", "dbt.adapters.duckdb", "dbt.adapters.postgres", "loaders.cli")
    for modulo in modulos:
        importlib.import_module(modulo)  # in this order: dbt's modules import each other
    from dbt_common.dataclass_schema import dbtClassMixin

    from loaders.contratos import fontes
    from loaders.publicacao.modelos import modelos

    fontes(), modelos()  # what the project's YAML says

    for classe in _subclasses(dbtClassMixin):
        if classe.__module__ in CLASSES:
            classe.json_schema()  # type: ignore[attr-defined]
    gc.set_threshold(100_000, 20, 100)  # dbt makes many objects, and throws few away


def _aquecer(pedido: dict[str, Any]) -> bool:
    """Read and write a parsed project once: dbt makes the code for that when it first does it."""
    from dbt.contracts.graph.manifest import Manifest

    lida = Path(pedido["onde"], pedido["ambiente"].get("DBT_TARGET_PATH", "target"))
    lida /= "partial_parse.msgpack"
    if not lida.exists():
        return False
    Manifest.from_msgpack(lida.read_bytes()).to_msgpack()
    return True


if __name__ == "__main__":
    _servir(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
