"""Superset, in an environment of its own: what it keeps, what it shows, and how it is served."""

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

from loaders import PROJETO
from loaders.bi.conexoes import com_driver, conexoes
from loaders.demo import servidor
from loaders.nucleo import chaves
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.publicacao.publicar import publicacao

BIN = PROJETO / ".venv-bi" / "bin"
PASTA = PROJETO / "bi" / "superset"
DE_SI = Path(".lastro/bi")
"""Where Superset's key and, unless LASTRO_BI_DSN says another, its database are."""
ENDERECO = "127.0.0.1"
PORTA = 8088
ESPERA_SEGUNDOS = 120
HERDADOS = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")
"""What Superset sees of our environment: it has no use for the warehouse's own credentials."""


@dataclass(frozen=True)
class Superset:
    """Superset, set up.

    Attributes:
        ambiente: the variables it runs with.
        usuario: its administrator.
        senha: the administrator's password, where it was given one now.
    """

    ambiente: dict[str, str] = field(repr=False)
    usuario: str
    senha: str | None = field(repr=False)


@contextmanager
def preparado(config: Configuracao, pasta: Path | None = None) -> Iterator[Superset]:
    """Superset with the assets of the project, on what is published now.

    Its own database runs meanwhile, if it is ours.

    Args:
        config: the settings.
        pasta: where the key and the database are, if elsewhere than in `.lastro/bi`.

    Raises:
        ArmazemIndisponivel: the server cannot be reached.
        LastroError: Superset is not installed, nothing is published, or it could not be set up.
    """
    pasta = pasta or PROJETO / DE_SI
    if not (BIN / "gunicorn").exists():
        raise LastroError("Superset is not installed: run `make bi`.")
    with publicacao(config) as p:
        if p.atual() is None:
            raise LastroError(
                "Nothing is published yet: run `make build publish`, then this again."
            )
    segredo = pasta / "secret.key"
    chaves.criar_arquivo(segredo)
    senha = config.senha_bi or secrets.token_urlsafe(12)
    with _metadados(config, pasta) as endereco:
        ambiente = {nome: os.environ[nome] for nome in HERDADOS if nome in os.environ} | {
            "FLASK_APP": "superset.app:create_app()",
            "LASTRO_BI_HTTPS": "1" if config.https_bi else "",
            "LASTRO_BI_METADATA": endereco,
            "LASTRO_BI_SECRET_FILE": str(segredo),
            "PYTHONWARNINGS": "ignore",
            "SCARF_ANALYTICS": "false",
            "SUPERSET_CONFIG_PATH": str(PASTA / "superset_config.py"),
            "SUPERSET_HOME": str(pasta),
        }
        pedido = {
            "bancos": {area: asdict(conexao) for area, conexao in conexoes(config).items()},
            "prefixo": config.prefixo if config.alvo == "postgres" else "",
            "senha": senha,
            "nova": config.senha_bi is not None,
        }
        feito = subprocess.run(  # noqa: S603 - a program at a place of ours
            [BIN / "python", PASTA / "preparar.py"],
            cwd=PROJETO,
            env=ambiente,
            input=json.dumps(pedido),
            capture_output=True,
            text=True,
            check=False,
        )
        if feito.returncode:
            raise LastroError(
                f"Superset could not be set up. Its last words:\n{feito.stderr[-3000:]}"
            )
        dito = json.loads(feito.stdout.splitlines()[-1])
        nova = dito["senha_dada"] and not config.senha_bi
        yield Superset(ambiente, dito["usuario"], senha if nova else None)


@contextmanager
def _metadados(config: Configuracao, pasta: Path) -> Iterator[str]:
    """The address of Superset's own database: LASTRO_BI_DSN, else on a server of its own."""
    if dsn := config.dsn_de("lastro_bi"):
        yield com_driver(dsn)
        return
    dele = servidor.iniciar(pasta)
    try:
        dele.criar_banco("superset")
        yield com_driver(dele.dsn("superset"))
    finally:
        dele.parar()


@dataclass(frozen=True)
class Servido:
    """Superset, answering.

    Attributes:
        url: its address.
        processo: its server.
    """

    url: str
    processo: subprocess.Popen[bytes]

    @property
    def vive(self) -> bool:
        """Whether it still runs."""
        return self.processo.poll() is None


@contextmanager
def servido(superset: Superset, porta: int = PORTA) -> Iterator[Servido]:
    """Superset on 127.0.0.1, answering; ended with the block.

    Raises:
        LastroError: the port is taken, or it does not answer.
    """
    with socket.socket() as tomada:
        tomada.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tomada.bind((ENDERECO, porta))
        except OSError as erro:
            raise LastroError(
                f"Port {porta} of {ENDERECO} is taken: choose another, `make bi PORT=...`."
            ) from erro
    comando = [str(BIN / "gunicorn"), "--bind", f"{ENDERECO}:{porta}", "--worker-class", "gthread"]
    comando += ["--workers", "1", "--threads", "8", "--timeout", "120", "--log-level", "warning"]
    url = f"http://{ENDERECO}:{porta}"
    # A group of its own: Ctrl-C is ours, and we end it.
    processo = subprocess.Popen(  # noqa: S603
        [*comando, "superset.app:create_app()"],
        cwd=PROJETO,
        env=superset.ambiente,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        feito = Servido(url, processo)
        _esperar(feito)
        yield feito
    finally:
        processo.terminate()
        with suppress(subprocess.TimeoutExpired):
            processo.wait(timeout=20)
        processo.kill()
        processo.wait()


def _esperar(feito: Servido) -> None:
    """Wait for the first answer."""
    limite = time.monotonic() + ESPERA_SEGUNDOS
    while time.monotonic() < limite and feito.vive:
        with suppress(httpx.TransportError):
            if httpx.get(f"{feito.url}/health", timeout=5).is_success:
                return
        time.sleep(0.3)
    raise LastroError(f"Superset does not answer at {feito.url}; it says why above.")
