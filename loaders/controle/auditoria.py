"""The audit log: who did what and when, a line each, chained by a keyed hash.

Each line is JSON and ends with an HMAC over the line before it and itself, so a line that was
edited, taken out, put in or moved breaks the chain. That the last lines were cut off shows in the
head, a file that is kept elsewhere and seals the number and the HMAC of the last line. Only
appending writes to either. The key is in the environment or in a private file, never in the log.

A line that cannot be written whole is taken back. What a kill leaves of one stays where it is, and
the next line says how many bytes it is and what their SHA-256 is: so it is told from an edited one,
which no line of the chain vouches for.
"""

import errno
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

from loaders import __version__
from loaders.nucleo import andamento, chaves
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError, NaoAnotada
from loaders.nucleo.espera import conseguir
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import abrir_regular, gravar_no_disco, substituir

P = ParamSpec("P")
R = TypeVar("R")
Linha = dict[str, Any]
VAZIA = "0" * 64
"""What stands for the HMAC before the first line."""
INTERROMPIDA = "interrupted write"
"""The action of the line that closes what a killed writer left of its own."""


@dataclass(frozen=True)
class _Ponta:
    """The number and the HMAC of a line: the last of the log, or the one that the head seals."""

    numero: int
    mac: str


@dataclass(frozen=True)
class Conferencia:
    """What a look at the whole log found.

    Attributes:
        linhas: how many lines there are.
        problemas: what was edited, moved or taken away; nothing where the log is whole.
        interrompidas: what writers that were killed left of their lines; no problem.
    """

    linhas: int
    problemas: list[str]
    interrompidas: list[str]


INICIO = _Ponta(0, VAZIA)
ILEGIVEL = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading something else than a line of the log may raise."""


def _ponta(lida: Any, limite: int = 2**52) -> _Ponta:
    """Number and HMAC of a line or a head that was read; one of `ILEGIVEL` where it has none."""
    numero, mac = lida["n"], lida["mac"]
    if type(numero) is not int or not 0 <= numero < limite:
        raise ValueError("no number of a line")
    if not isinstance(mac, str) or not mac.isascii():
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
    """The log, locked against others who append; it is made with the first line."""
    caminho = config.caminho_auditoria
    caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descritor = abrir_regular(caminho, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descritor, "r+b", buffering=0) as arquivo:
        _travar(config, arquivo, fcntl.LOCK_EX)
        yield arquivo


def _travar(config: Configuracao, arquivo: Any, como: int) -> None:
    def travado() -> bool:
        try:
            fcntl.flock(arquivo, como | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    if not conseguir(travado, config.espera, pausa=0.05):
        raise LastroError(
            f"The audit log {config.caminho_auditoria} has been held by another process for"
            f" {config.espera:.0f} s (`fuser` names it). Nothing was noted."
        )


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
    if _tem_chave(config):
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


def _tem_chave(config: Configuracao) -> bool:
    return bool(config.chave_auditoria) or os.path.lexists(config.caminho_chave_auditoria)


def _ultima(arquivo: Any) -> tuple[_Ponta, bytes | None]:
    """The last line that can be read, and what stands after the end of it.

    Returns:
        Nothing stands after it where the log is whole. None: its line feed is missing.
    """
    tamanho = arquivo.seek(0, os.SEEK_END)
    passo = 4096
    while True:
        arquivo.seek(max(tamanho - passo, 0))
        linhas = arquivo.readall().split(b"\n")
        for i in reversed(range(0 if passo >= tamanho else 1, len(linhas))):
            try:
                ponta = _ponta(json.loads(linhas[i]))
            except ILEGIVEL:
                continue
            return ponta, b"\n".join(linhas[i + 1 :]) if i + 1 < len(linhas) else None
        if passo >= tamanho:
            return INICIO, b"\n".join(linhas)
        passo *= 2


def _cabeca(config: Configuracao) -> tuple[_Ponta, str] | None:
    """What the head says, and its seal, true or not; nothing where it is missing."""
    try:
        with os.fdopen(abrir_regular(config.caminho_cabeca), "rb") as arquivo:
            lida = json.loads(arquivo.read())
        return _ponta(lida, 2**53), str(lida["selo"])  # a line after the last number is sealed
    except (OSError, *ILEGIVEL):
        return None


def _resto(bruto: bytes) -> dict[str, Any]:
    """What the line that closes an interrupted write says of it."""
    achado = bruto.removesuffix(b"\n")
    return {"bytes": len(achado), "sha256": hashlib.sha256(achado).hexdigest()}


def anotar(config: Configuracao, acao: str, fase: str, detalhes: dict[str, Any]) -> None:
    """Append a line, whole and on the disk, or nothing.

    Args:
        config: the settings.
        acao: what was done, as the command is called.
        fase: `inicio`, `fim` or `falha`.
        detalhes: what about; nothing personal.

    Raises:
        LastroError: the log or its key cannot be used; what was to be noted must not happen then.
    """
    try:
        with _aberto(config) as arquivo:
            ultima, resto = _ultima(arquivo)
            cabeca = _cabeca(config)
            if ultima == INICIO and (
                cabeca is None or (cabeca[0] == INICIO and not _tem_chave(config))
            ):
                _comecar(config)
                cabeca = _cabeca(config)
            chave = _chave(config)
            # A log that is shorter than its head goes on after the head, so that the gap stays.
            ponta = cabeca[0] if cabeca and cabeca[0].numero > ultima.numero else ultima
            texto = b"" if resto == b"" or (resto or b"").endswith(b"\n") else b"\n"
            if resto:
                linha, ponta = _linha(config, chave, ponta, INTERROMPIDA, "fim", _resto(resto))
                texto += linha
            linha, ponta = _linha(config, chave, ponta, acao, fase, detalhes)
            # A head that was taken away is not made again unseen.
            _acrescentar(config, arquivo, texto + linha, chave, ponta if cabeca else None)
    except UnicodeEncodeError as erro:
        raise LastroError(
            "The audit log is UTF-8, and a path or a setting of this command is not. Nothing is"
            " done that cannot be noted: give it another name."
        ) from erro
    except OSError as erro:
        raise LastroError(
            f"The audit log {config.caminho_auditoria} cannot be written: "
            f"{erro.strerror} ({erro.filename or config.caminho_auditoria}). Nothing is done that "
            "cannot be noted; see LASTRO_AUDIT_LOG."
        ) from erro


def _linha(
    config: Configuracao,
    chave: bytes,
    anterior: _Ponta,
    acao: str,
    fase: str,
    detalhes: dict[str, Any],
) -> tuple[bytes, _Ponta]:
    """A line that follows another, as it is written, and what the next one follows."""
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
    return _texto({**linha, "mac": ponta.mac}), ponta


def _acrescentar(
    config: Configuracao, arquivo: Any, texto: bytes, chave: bytes, ponta: _Ponta | None
) -> None:
    """Write to the end of the log and seal it; where either fails, the log is what it was."""
    descritor = arquivo.fileno()
    antes = os.fstat(descritor).st_size
    try:
        if os.write(descritor, texto) < len(texto):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descritor)
        if not antes:
            gravar_no_disco(config.caminho_auditoria.parent)
        ponto_de_falha("auditoria.antes_da_cabeca")
        if ponta:
            _gravar_cabeca(config.caminho_cabeca, chave, ponta)
    except OSError:
        cabeca = _cabeca(config)
        if cabeca is None or cabeca[0] != ponta:
            os.ftruncate(descritor, antes)
            os.fsync(descritor)
        raise


def _gravar_cabeca(caminho: Path, chave: bytes, ponta: _Ponta) -> None:
    caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    selada = {"n": ponta.numero, "mac": ponta.mac, "selo": _selo(chave, ponta)}
    substituir(caminho, json.dumps(selada).encode() + b"\n")


def auditada(
    acao_ou_qual: str | Callable[..., str],
    pedido: Callable[..., dict[str, Any]] = lambda *_, **__: {},
    resultado: Callable[[Any], dict[str, Any]] = lambda _: {},
) -> Callable[
    [Callable[Concatenate[Configuracao, P], R]], Callable[Concatenate[Configuracao, P], R]
]:
    """Note a function's beginning and end. A process that is killed leaves the beginning alone.

    Args:
        acao_ou_qual: what it does, or what tells it from its arguments (without the settings).
        pedido: what to note of its arguments (without the settings).
        resultado: what to note of what it returns.
    """

    def decorar(
        funcao: Callable[Concatenate[Configuracao, P], R],
    ) -> Callable[Concatenate[Configuracao, P], R]:
        @functools.wraps(funcao)
        def chamada(config: Configuracao, /, *args: P.args, **kwargs: P.kwargs) -> R:
            qual = acao_ou_qual
            acao = qual if isinstance(qual, str) else qual(*args, **kwargs)
            anotar(config, acao, "inicio", pedido(*args, **kwargs))
            try:
                feito = funcao(config, *args, **kwargs)
            except BaseException as erro:
                nota = ""
                try:
                    anotar(config, acao, "falha", {"erro": type(erro).__name__})
                except LastroError as tambem:
                    nota = f"That it failed could not be noted, either: {tambem}"
                if isinstance(erro, NaoAnotada):  # of an action that is a part of this one
                    parado = f"{erro}\n`lastro {acao}` stopped there.\n{nota}".rstrip()
                    raise LastroError(parado) from erro
                if nota:
                    erro.add_note(nota)
                raise
            detalhes = resultado(feito)
            try:
                anotar(config, acao, "fim", detalhes)
            except LastroError as erro:
                raise NaoAnotada(
                    f"`lastro {acao}` was done, and its end could not be noted: {erro}\n"
                    f"What was to be noted: {json.dumps(detalhes, ensure_ascii=False)}"
                ) from erro
            return feito

        return chamada

    return decorar


def anotadas(config: Configuracao, acao: str) -> Iterator[dict[str, Any]]:
    """The details of every line of an action in this warehouse that can be read."""
    try:
        arquivo = os.fdopen(abrir_regular(config.caminho_auditoria), "rb")
    except OSError:  # it has none yet; what cannot be read is said by the next line to be noted
        return
    with arquivo:
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
                detalhes = lida.get("detalhes")
                yield detalhes if isinstance(detalhes, dict) else {}


def conferir(config: Configuracao) -> Conferencia:
    """Look at every line and at the head.

    Raises:
        LastroError: there is no log, or no key.
    """
    caminho = config.caminho_auditoria
    try:
        arquivo = os.fdopen(abrir_regular(caminho), "rb")
    except FileNotFoundError:
        raise LastroError(f"There is no audit log at {caminho}; see LASTRO_AUDIT_LOG.") from None
    except OSError as erro:
        raise LastroError(
            f"The audit log {caminho} cannot be read: {erro.strerror}; see LASTRO_AUDIT_LOG."
        ) from erro
    andamento.dizer(f"reading {caminho}")
    with arquivo:
        chave = _chave(config)
        _travar(config, arquivo, fcntl.LOCK_SH)
        cabeca = _cabeca(config)
        leitura = _Leitura(chave, cabeca[0].numero if cabeca else 0)
        for onde, bruta in enumerate(arquivo, 1):
            leitura.ver(onde, bruta)
    leitura.acabar()
    problema = _problema_da_cabeca(config, chave, cabeca, leitura)
    problemas = leitura.problemas + ([problema] if problema else [])
    return Conferencia(leitura.linhas, problemas, leitura.interrompidas)


class _Leitura:
    """The chain as far as it was followed, line by line.

    Attributes:
        linhas: how many lines it has.
        ponta: the last of them.
        selada: the one of the number that the head seals, if it was met.
        sobras: what is no line, with the number of each, since the last that is one.
        problemas: what was edited, moved or taken away.
        interrompidas: what killed writers left.
    """

    def __init__(self, chave: bytes, numero_selado: int) -> None:
        self.chave, self.numero_selado = chave, numero_selado
        self.linhas = 0
        self.ponta = INICIO
        self.selada = INICIO
        self.sobras: list[tuple[int, bytes]] = []
        self.problemas: list[str] = []
        self.interrompidas: list[str] = []

    def ver(self, onde: int, bruta: bytes) -> None:
        """Follow the chain to the next line of the file."""
        try:
            lida = json.loads(bruta)
            achada = _ponta(lida)
            # As it was written, to the byte: of two equal keys only the last one is read.
            inteira = bruta.removesuffix(b"\n") + b"\n" == _texto(lida)
            del lida["mac"]
        except ILEGIVEL:
            self.sobras.append((onde, bruta))
            return
        self.linhas += 1
        if achada.numero != self.ponta.numero + 1:
            self.problemas.append(
                f"line {onde} is number {achada.numero}, after {self.ponta.numero}: "
                "lines are missing, doubled or moved before it"
            )
        elif not inteira or not hmac.compare_digest(
            achada.mac, _mac(self.chave, self.ponta.mac, lida)
        ):
            self.problemas.append(f"line {onde} (number {achada.numero}) was edited")
        elif lida.get("acao") == INTERROMPIDA:
            self._fechar(onde, achada.numero, lida.get("detalhes"))
        self.problemas += [f"line {n} is not a line of this log" for n, _ in self.sobras]
        self.sobras = []
        self.ponta = achada
        if achada.numero == self.numero_selado:
            self.selada = achada

    def _fechar(self, onde: int, numero: int, ditas: Any) -> None:
        """Compare what stands before a line with the interrupted write of which it tells."""
        if not self.sobras or ditas != _resto(self._bytes_das_sobras()):
            self.problemas.append(
                f"line {onde} (number {numero}) tells of an interrupted write, and what stands"
                " before it is something else"
            )
            return
        self.interrompidas.append(
            f"line {self.sobras[0][0]}: {ditas['bytes']} bytes of a write that was interrupted,"
            f" as number {numero} says"
        )
        self.sobras = []

    def acabar(self) -> None:
        """What stands at the end and is no line: if the head seals it, it is missed there."""
        if self.sobras:
            quanto = _resto(self._bytes_das_sobras())["bytes"]
            self.interrompidas.append(
                f"line {self.sobras[0][0]}: {quanto} bytes of a write that was interrupted; the"
                " next line to be noted will say so"
            )

    def _bytes_das_sobras(self) -> bytes:
        return b"".join(bruta for _, bruta in self.sobras)


def _problema_da_cabeca(
    config: Configuracao, chave: bytes, cabeca: tuple[_Ponta, str] | None, leitura: _Leitura
) -> str | None:
    """What is wrong with the head, or with the end of the log by what it says."""
    if cabeca is None:
        return f"the head {config.caminho_cabeca} is missing or unreadable; see LASTRO_AUDIT_HEAD"
    ponta, selo = cabeca
    if not hmac.compare_digest(selo.encode(), _selo(chave, ponta).encode()):
        return f"the head {config.caminho_cabeca} was edited"
    if leitura.selada != ponta:
        return (
            f"the head seals number {ponta.numero}, and the log ends with number"
            f" {leitura.ponta.numero}: its last lines are missing or edited"
        )
    return None


def _usuario() -> str:
    """The user of the system; its number where it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
