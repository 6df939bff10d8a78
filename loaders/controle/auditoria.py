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
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from loaders import __version__
from loaders.controle.cadeia import (
    ILEGIVEL,
    INICIO,
    INTERROMPIDA,
    Linha,
    Ponta,
    cabeca_lida,
    chave_do_registro,
    mac_da_linha,
    ponta_lida,
    resto_dito,
    selo_da_cabeca,
    texto_da_linha,
    travar,
)
from loaders.nucleo import chaves
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError, NaoAnotada
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import abrir_regular, gravar_no_disco, substituir

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def _aberto(config: Configuracao) -> Iterator[Any]:
    """The log, locked against others who append; it is made with the first line."""
    caminho = config.caminho_auditoria
    caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descritor = abrir_regular(caminho, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descritor, "r+b", buffering=0) as arquivo:
        travar(config, arquivo, fcntl.LOCK_EX)
        yield arquivo


def _comecar(config: Configuracao) -> None:
    """Make the key of a new log, unless the environment has it, and the head of no line.

    The key gets its name last: killed in between, the log is as new as before.

    Raises:
        LastroError: there is a key, so there was a log.
    """
    caminho = config.caminho_chave_auditoria
    if config.chave_auditoria:
        _gravar_cabeca(config.caminho_cabeca, chave_do_registro(config), INICIO)
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


def _ultima(arquivo: Any) -> tuple[Ponta, bytes | None]:
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
                ponta = ponta_lida(json.loads(linhas[i]))
            except ILEGIVEL:
                continue
            return ponta, b"\n".join(linhas[i + 1 :]) if i + 1 < len(linhas) else None
        if passo >= tamanho:
            return INICIO, b"\n".join(linhas)
        passo *= 2


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
            cabeca = cabeca_lida(config)
            if ultima == INICIO and (
                cabeca is None or (cabeca[0] == INICIO and not _tem_chave(config))
            ):
                _comecar(config)
                cabeca = cabeca_lida(config)
            chave = chave_do_registro(config)
            # A log that is shorter than its head goes on after the head, so that the gap stays.
            ponta = cabeca[0] if cabeca and cabeca[0].numero > ultima.numero else ultima
            texto = b"" if resto == b"" or (resto or b"").endswith(b"\n") else b"\n"
            if resto:
                linha, ponta = _linha(config, chave, ponta, INTERROMPIDA, "fim", resto_dito(resto))
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
    anterior: Ponta,
    acao: str,
    fase: str,
    detalhes: dict[str, Any],
) -> tuple[bytes, Ponta]:
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
    ponta = Ponta(linha["n"], mac_da_linha(chave, anterior.mac, linha))
    return texto_da_linha({**linha, "mac": ponta.mac}), ponta


def _acrescentar(
    config: Configuracao, arquivo: Any, texto: bytes, chave: bytes, ponta: Ponta | None
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
        cabeca = cabeca_lida(config)
        if cabeca is None or cabeca[0] != ponta:
            os.ftruncate(descritor, antes)
            os.fsync(descritor)
        raise


def _gravar_cabeca(caminho: Path, chave: bytes, ponta: Ponta) -> None:
    caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    selada = {"n": ponta.numero, "mac": ponta.mac, "selo": selo_da_cabeca(chave, ponta)}
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


def _usuario() -> str:
    """The user of the system; its number where it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
