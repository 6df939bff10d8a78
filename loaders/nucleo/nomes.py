"""Names of files, whose bytes anybody may choose: how they are shown, and how they fit."""

import errno
import hashlib
import re

MAXIMO = 255
"""Bytes that file systems take for a name."""

_FIM = re.compile(rb"(\.[A-Za-z0-9]{1,8}){0,2}$")


def visivel(texto: str) -> str:
    r"""A text in which all that a terminal would obey or hide stands as its bytes, `\x1b`.

    Line ends, marks that turn the direction of writing and bytes that are no UTF-8 among it.
    """
    if texto.isprintable():
        return texto
    return "".join(c if c.isprintable() else _em_bytes(c) for c in texto)


def _em_bytes(letra: str) -> str:
    de_bytes = "\udc80" <= letra <= "\udcff"
    bytes_ = letra.encode("utf-8", "surrogateescape" if de_bytes else "surrogatepass")
    return "".join(f"\\x{b:02x}" for b in bytes_)


def escapar(nome: str) -> str:
    """A name as it is shown and stored: always text, and different for different names."""
    return visivel(nome.replace("\\", r"\x5c"))


def encurtar(nome: str, maximo: int) -> str:
    """A name of no more than `maximo` bytes; in a longer one a hash stands for its middle.

    What a file is by its name is said by the beginning and the end, which stay.
    """
    inteiro = nome.encode("utf-8", "surrogateescape")
    if len(inteiro) <= maximo:
        return nome
    achado = _FIM.search(inteiro)
    fim = achado[0] if achado else b""
    resumo = hashlib.sha256(inteiro).hexdigest()[:16].encode()
    comeco = inteiro[: maximo - len(resumo) - len(fim) - 1]
    return (comeco + b"~" + resumo + fim).decode("utf-8", "ignore")


def conferir(nome: str) -> str:
    """The name, if it is that of something in a folder and leads nowhere else.

    Raises:
        OSError: it does not.
    """
    if nome in ("", ".", "..") or "/" in nome or "\0" in nome:
        raise OSError(errno.EINVAL, f"{escapar(nome)!r} is not the name of a file")
    return nome
