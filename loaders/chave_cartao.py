"""The keyed token of a card number, so that equal cards can be found without showing one.

A card number has few unknown digits: an unkeyed hash of it is undone by trying them all. Hence an
HMAC whose key lives in the environment or in a private file, never in SQL, a log or the warehouse.
"""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from loaders.configuracao import Configuracao
from loaders.erros import LastroError

BYTES_MINIMOS = 16


def criar_arquivo(caminho: Path) -> bool:
    """Make the private key file (mode 0600) if it is not there; return whether it was made."""
    caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporario = caminho.with_name(f".{caminho.name}.{os.getpid()}")
    temporario.touch(mode=0o600)
    try:
        temporario.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
        os.link(temporario, caminho)
    except FileExistsError:
        return False
    finally:
        temporario.unlink()
    return True


def ler(config: Configuracao) -> bytes:
    """The key: LASTRO_CARD_KEY, else the private file.

    Raises:
        LastroError: there is none, or it is too short to protect anything.
    """
    caminho = config.caminho_chave_cartao
    texto = config.chave_cartao or ""
    if not texto and caminho.exists():
        texto = caminho.read_text(encoding="utf-8").strip()
    if not texto:
        raise LastroError(
            f"There is no key for the card-number tokens: set LASTRO_CARD_KEY, or restore {caminho}"
            ", or, if no card was ever loaded, make one with `lastro key`."
        )
    if len(texto.encode()) < BYTES_MINIMOS:
        raise LastroError(
            f"The key of the card-number tokens is shorter than {BYTES_MINIMOS} bytes."
        )
    return texto.encode()


def identificar(chave: bytes) -> str:
    """A short name of the key that tells two keys apart and says nothing about either."""
    return hmac.new(chave, b"lastro: key id", hashlib.sha256).hexdigest()[:12]


def token(chave: bytes, numero: str | None) -> str | None:
    """Token of one card number.

    Args:
        chave: the key.
        numero: the number as the source holds it; spaces, dots and dashes do not count.

    Returns:
        64 hexadecimal digits, or None where the number holds no digit.
    """
    digitos = re.sub(r"[^0-9]", "", numero or "")
    if not digitos:
        return None
    return hmac.new(chave, digitos.encode("ascii"), hashlib.sha256).hexdigest()
