"""Private keys: made once, kept in a file of their own or in the environment, never shown."""

import os
import secrets
from pathlib import Path

from loaders.nucleo.erros import LastroError
from loaders.nucleo.pastas import abrir_regular, gravar_no_disco

BYTES_MINIMOS = 16


def criar_arquivo(caminho: Path) -> bool:
    """Make the private key file (mode 0600) if it is not there; return whether it was made.

    Raises:
        OSError: it cannot be written; nothing is there then.
    """
    caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporario = caminho.with_name(f".{caminho.name}.{os.getpid()}")
    temporario.touch(mode=0o600)
    try:
        temporario.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
        gravar_no_disco(temporario)
        os.link(temporario, caminho)
    except FileExistsError:
        return False
    finally:
        temporario.unlink()
    gravar_no_disco(caminho.parent)
    return True


def ler(valor: str | None, caminho: Path, de_que: str, conselho: str) -> bytes:
    """A key: the value from the environment, else the private file.

    Args:
        valor: what the environment holds.
        caminho: the file.
        de_que: what it is the key of, for messages.
        conselho: what to do where there is none; `{}` stands for the file.

    Raises:
        LastroError: there is none, or it is too short to protect anything.
    """
    texto = valor or ""
    if not texto:
        texto = _do_arquivo(caminho, de_que)
    if not texto:
        raise LastroError(f"There is no key for {de_que}: {conselho.format(caminho)}.")
    if len(texto.encode()) < BYTES_MINIMOS:
        raise LastroError(f"The key of {de_que} is shorter than {BYTES_MINIMOS} bytes.")
    return texto.encode()


def _do_arquivo(caminho: Path, de_que: str) -> str:
    """What a key file holds; nothing where there is no file.

    Raises:
        LastroError: it cannot be read, or holds no key.
    """
    try:
        with os.fdopen(abrir_regular(caminho), encoding="utf-8") as arquivo:
            texto = arquivo.read().strip()
    except FileNotFoundError:
        return ""
    except PermissionError as erro:
        raise LastroError(
            f"The key for {de_que} is in {caminho}, which this user may not read. Give it the"
            " key in the environment."
        ) from erro
    except (OSError, UnicodeDecodeError) as erro:
        por_que = erro.strerror if isinstance(erro, OSError) else "it is no text"
        raise LastroError(f"The key for {de_que} cannot be read: {caminho}: {por_que}.") from erro
    if not texto:
        raise LastroError(
            f"The key file {caminho} for {de_que} is empty: restore it from a copy, or, if no key"
            " ever was in it, delete it."
        )
    return texto
