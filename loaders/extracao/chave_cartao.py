"""The keyed token of a card number, so that equal cards can be found without showing one.

A card number has few unknown digits: an unkeyed hash of it is undone by trying them all. Hence an
HMAC whose key lives in the environment or in a private file, never in SQL, a log or the warehouse.
"""

import hashlib
import hmac
import re

from loaders.nucleo import chaves
from loaders.nucleo.configuracao import Configuracao


def ler(config: Configuracao) -> bytes:
    """The key: LASTRO_CARD_KEY, else the private file.

    Raises:
        LastroError: there is none, or it is too short to protect anything.
    """
    return chaves.ler(
        config.chave_cartao,
        config.caminho_chave_cartao,
        "the card-number tokens",
        "set LASTRO_CARD_KEY, or restore {}, or, if no card was ever loaded, make one with"
        " `lastro key`",
    )


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
