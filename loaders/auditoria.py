"""The audit log: who did what and when, a line each, chained by a keyed hash.

Each line is JSON and ends with an HMAC over the line before it and itself, so a line that was
edited, taken out, put in or moved breaks the chain. That the last lines were cut off shows in the
head, a file that is kept elsewhere and seals the number and the HMAC of the last line. Only
appending writes to either. The key is in the environment or in a private file, never in the log.
"""

import fcntl
import functools
import getpass
import hashlib
import hmac
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from loaders import __version__, chaves
from loaders.configuracao import Configuracao
from loaders.erros import LastroError
from loaders.falhas import ponto_de_falha

P = ParamSpec("P")
R = TypeVar("R")
Linha = dict[str, Any]
VAZIA = "0" * 64
"""What stands for the HMAC before the first line."""


@dataclass(frozen=True)
class _Ponta:
    """The number and the HMAC of a line: the last of the log, or the one that the head seals."""

    numero: int
    mac: str


INICIO = _Ponta(0, VAZIA)
ILEGIVEL = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading something else than a line of the log may raise."""


def _ponta(lida: Any) -> _Ponta:
    """Number and HMAC of a line or a head that was read; one of `ILEGIVEL` where it has none."""
    numero, mac = lida["n"], lida["mac"]
    if type(numero) is not int or not isinstance(mac, str) or not mac.isascii():
        raise ValueError("no number or no HMAC")
    return _Ponta(numero, mac)


def _texto(linha: Linha) -> bytes:
    """A line as it stands in the log."""
    return json.dumps(linha, ensure_ascii=False).encode() + b"\n"


def _mac(chave: bytes, anterior: str, linha: Linha) -> str:
    texto = json.dumps(linha, sort_keys=True, ensure_ascii=False)
    return hmac.new(chave, f"{anterior}\n{texto}".encode(), hashlib.sha256).hexdigest()


def _selo(chave: bytes, ponta: _Ponta) -> str:
    return _mac(chave, VAZIA, {"cabeca": ponta.numero, "mac": ponta.mac})


@contextmanager
def _aberto(config: Configuracao) -> Iterator[Any]:
    """The log, locked against others who append."""
    caminho = config.caminho_auditoria
    try:
        caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        arquivo = os.fdopen(os.open(caminho, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b")
    except OSError as erro:
        raise LastroError(
            f"The audit log {caminho} cannot be written: {erro.strerror}. Nothing is done that "
            "cannot be noted; see LASTRO_AUDIT_LOG."
        ) from erro
    with arquivo:
        fcntl.flock(arquivo, fcntl.LOCK_EX)
        yield arquivo


def _chave(config: Configuracao) -> bytes:
    """The key: LASTRO_AUDIT_KEY, else the private file.

    Raises:
        LastroError: there is none.
    """
    return chaves.ler(
        config.chave_auditoria,
        config.caminho_chave_auditoria,
        "the audit log",
        "set LASTRO_AUDIT_KEY, or restore {}",
    )


def _comecar(config: Configuracao) -> None:
    """Make the key of a new log, unless the environment has it, and the head of no line.

    The key gets its name last: killed in between, the log is as new as before.

    Raises:
        LastroError: there is a key, so there was a log.
    """
    caminho = config.caminho_chave_auditoria
    if config.chave_auditoria:
        _gravar_cabeca(config.caminho_cabeca, _chave(config), INICIO)
        return
    if caminho.exists():
        raise LastroError(
            f"The audit log {config.caminho_auditoria} and its head {config.caminho_cabeca} are"
            f" gone, and its key {caminho} is there. Restore them; to begin a new log, and have"
            " it known that the old one is lost, move the key away."
        )
    provisoria = caminho.with_name(f"{caminho.name}.new")
    provisoria.unlink(missing_ok=True)
    chaves.criar_arquivo(provisoria)
    _gravar_cabeca(config.caminho_cabeca, provisoria.read_text().strip().encode(), INICIO)
    os.replace(provisoria, caminho)


def _ultima(arquivo: Any) -> _Ponta:
    """The last line that can be read; the rest of the log is not looked at."""
    tamanho = arquivo.seek(0, os.SEEK_END)
    passo = 4096
    while True:
        arquivo.seek(max(tamanho - passo, 0))
        linhas = arquivo.read().splitlines()
        for linha in reversed(linhas if passo >= tamanho else linhas[1:]):
            try:
                return _ponta(json.loads(linha))
            except ILEGIVEL:
                continue
        if passo >= tamanho:
            return INICIO
        passo *= 2


def _cabeca(config: Configuracao) -> tuple[_Ponta, str] | None:
    """What the head says, and its seal, true or not; nothing where it is missing."""
    try:
        lida = json.loads(config.caminho_cabeca.read_text(encoding="utf-8"))
        return _ponta(lida), str(lida["selo"])
    except (OSError, *ILEGIVEL):
        return None


def anotar(config: Configuracao, acao: str, fase: str, detalhes: dict[str, Any]) -> None:
    """Append a line.

    Args:
        config: the settings.
        acao: what was done, as the command is called.
        fase: `inicio`, `fim` or `falha`.
        detalhes: what about; nothing personal.

    Raises:
        LastroError: the log or its key cannot be used; what was to be noted must not happen then.
    """
    with _aberto(config) as arquivo:
        ultima = _ultima(arquivo)
        cabeca = _cabeca(config)
        sem_chave = not config.chave_auditoria and not config.caminho_chave_auditoria.exists()
        if ultima == INICIO and (cabeca is None or (cabeca[0] == INICIO and sem_chave)):
            _comecar(config)
            cabeca = _cabeca(config)
        chave = _chave(config)
        # A log that is shorter than its head goes on after the head, so that the gap stays.
        anterior = cabeca[0] if cabeca and cabeca[0].numero > ultima.numero else ultima
        linha: Linha = {
            "n": anterior.numero + 1,
            "momento": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "quem": f"{_usuario()}@{socket.gethostname()}",
            "armazem": config.armazem,
            "acao": acao,
            "fase": fase,
            "detalhes": detalhes,
            "versao": __version__,
        }
        linha = json.loads(json.dumps(linha))  # as it is read again: numbers as keys become text
        ponta = _Ponta(linha["n"], _mac(chave, anterior.mac, linha))
        arquivo.seek(max(arquivo.seek(0, os.SEEK_END) - 1, 0))
        if arquivo.read(1) not in (b"", b"\n"):  # a line that was cut off stays one of its own
            arquivo.write(b"\n")
        arquivo.write(_texto({**linha, "mac": ponta.mac}))
        arquivo.flush()
        os.fsync(arquivo.fileno())
        ponto_de_falha("auditoria.antes_da_cabeca")
        if cabeca:  # one that was taken away is not made again unseen
            _gravar_cabeca(config.caminho_cabeca, chave, ponta)


def _gravar_cabeca(caminho: Path, chave: bytes, ponta: _Ponta) -> None:
    caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    nova = caminho.with_name(f".{caminho.name}.{os.getpid()}")
    nova.write_text(
        json.dumps({"n": ponta.numero, "mac": ponta.mac, "selo": _selo(chave, ponta)}) + "\n",
        encoding="utf-8",
    )
    os.replace(nova, caminho)


def auditada(
    acao: str,
    pedido: Callable[..., dict[str, Any]] = lambda *_, **__: {},
    resultado: Callable[[Any], dict[str, Any]] = lambda _: {},
) -> Callable[
    [Callable[Concatenate[Configuracao, P], R]], Callable[Concatenate[Configuracao, P], R]
]:
    """Note a function's beginning and end. A process that is killed leaves the beginning alone.

    Args:
        acao: what it does.
        pedido: what to note of its arguments (without the settings).
        resultado: what to note of what it returns.
    """

    def decorar(
        funcao: Callable[Concatenate[Configuracao, P], R],
    ) -> Callable[Concatenate[Configuracao, P], R]:
        @functools.wraps(funcao)
        def chamada(config: Configuracao, /, *args: P.args, **kwargs: P.kwargs) -> R:
            anotar(config, acao, "inicio", pedido(*args, **kwargs))
            try:
                feito = funcao(config, *args, **kwargs)
            except BaseException as erro:
                anotar(config, acao, "falha", {"erro": type(erro).__name__})
                raise
            anotar(config, acao, "fim", resultado(feito))
            return feito

        return chamada

    return decorar


def anotadas(config: Configuracao, acao: str) -> Iterator[dict[str, Any]]:
    """The details of every line of an action in this warehouse that can be read."""
    if not config.caminho_auditoria.exists():
        return
    with config.caminho_auditoria.open("rb") as arquivo:
        for linha in arquivo:
            try:
                lida = json.loads(linha)
            except (ValueError, RecursionError):
                continue
            if (
                isinstance(lida, dict)
                and lida.get("acao") == acao
                and lida.get("armazem", config.armazem) == config.armazem
            ):
                yield lida.get("detalhes") or {}


def conferir(config: Configuracao) -> tuple[int, list[str]]:
    """Look at every line and at the head.

    Returns:
        How many lines there are, and what is wrong with which; nothing where the log is whole.

    Raises:
        LastroError: there is no log, or no key.
    """
    caminho = config.caminho_auditoria
    if not caminho.exists():
        raise LastroError(f"There is no audit log at {caminho}; see LASTRO_AUDIT_LOG.")
    chave = _chave(config)
    problemas = []
    ponta = INICIO
    selada = None
    with caminho.open("rb") as arquivo:
        fcntl.flock(arquivo, fcntl.LOCK_SH)
        cabeca, selo = _cabeca(config) or (None, "")
        quantas = 0
        for quantas, bruta in enumerate(arquivo, 1):
            try:
                lida = json.loads(bruta)
                achada = _ponta(lida)
                # As it was written, to the byte: of two equal keys only the last one is read.
                inteira = bruta == _texto(lida)
                del lida["mac"]
            except ILEGIVEL:
                problemas.append(f"line {quantas} is not a line of this log")
                continue
            if achada.numero != ponta.numero + 1:
                problemas.append(
                    f"line {quantas} is number {achada.numero}, after {ponta.numero}: "
                    "lines are missing, doubled or moved before it"
                )
            elif not inteira or not hmac.compare_digest(achada.mac, _mac(chave, ponta.mac, lida)):
                problemas.append(f"line {quantas} (number {achada.numero}) was edited")
            ponta = achada
            if cabeca and achada.numero == cabeca.numero:
                selada = achada
    onde = config.caminho_cabeca
    if cabeca is None:
        problemas.append(f"the head {onde} is missing or unreadable; see LASTRO_AUDIT_HEAD")
    elif not hmac.compare_digest(selo, _selo(chave, cabeca)):
        problemas.append(f"the head {onde} was edited")
    elif selada != cabeca:
        problemas.append(
            f"the head seals number {cabeca.numero}, and the log ends with number {ponta.numero}: "
            "its last lines are missing or edited"
        )
    return quantas, problemas


def _usuario() -> str:
    """The user of the system; its number where it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
