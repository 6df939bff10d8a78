"""The chain of the audit log: its lines, the head that seals the last one, the file's lock."""

import fcntl
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from typing import Any

from loaders.nucleo import chaves
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.nucleo.espera import conseguir
from loaders.nucleo.pastas import abrir_regular

Linha = dict[str, Any]
VAZIA = "0" * 64
"""What stands for the HMAC before the first line."""
INTERROMPIDA = "interrupted write"
"""The action of the line that closes what a killed writer left of its own."""


@dataclass(frozen=True)
class Ponta:
    """The number and the HMAC of a line: the last of the log, or the one that the head seals."""

    numero: int
    mac: str


INICIO = Ponta(0, VAZIA)
ILEGIVEL = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading something else than a line of the log may raise."""


def ponta_lida(lida: Any, limite: int = 2**52) -> Ponta:
    """Number and HMAC of a line or a head that was read; one of `ILEGIVEL` where it has none."""
    numero, mac = lida["n"], lida["mac"]
    if type(numero) is not int or not 0 <= numero < limite:
        raise ValueError("no number of a line")
    if not isinstance(mac, str) or not mac.isascii():
        raise ValueError("no number or no HMAC")
    return Ponta(numero, mac)


def texto_da_linha(linha: Linha) -> bytes:
    """A line as it stands in the log."""
    return json.dumps(linha, ensure_ascii=False).encode() + b"\n"


def mac_da_linha(chave: bytes, anterior: str, linha: Linha) -> str:
    """The HMAC of a line, over the one before it and what it says."""
    texto = json.dumps(linha, sort_keys=True, ensure_ascii=False)
    return hmac.new(chave, f"{anterior}\n{texto}".encode(), hashlib.sha256).hexdigest()


def selo_da_cabeca(chave: bytes, ponta: Ponta) -> str:
    """What the head holds beside number and HMAC of the last line: an HMAC over both."""
    return mac_da_linha(chave, VAZIA, {"cabeca": ponta.numero, "mac": ponta.mac})


def travar(config: Configuracao, arquivo: Any, como: int) -> None:
    """Lock the open log, waiting while another process holds it.

    Args:
        config: the settings.
        arquivo: the log.
        como: `fcntl.LOCK_EX` to append, `fcntl.LOCK_SH` to read.

    Raises:
        LastroError: it was held for longer than `config.espera` seconds.
    """

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


def chave_do_registro(config: Configuracao) -> bytes:
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


def cabeca_lida(config: Configuracao) -> tuple[Ponta, str] | None:
    """What the head says, and its seal, true or not; nothing where it is missing."""
    try:
        with os.fdopen(abrir_regular(config.caminho_cabeca), "rb") as arquivo:
            lida = json.loads(arquivo.read())
        return ponta_lida(lida, 2**53), str(lida["selo"])  # a line after the last number is sealed
    except (OSError, *ILEGIVEL):
        return None


def resto_dito(bruto: bytes) -> dict[str, Any]:
    """What the line that closes an interrupted write says of it."""
    achado = bruto.removesuffix(b"\n")
    return {"bytes": len(achado), "sha256": hashlib.sha256(achado).hexdigest()}
