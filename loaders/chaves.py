"""Private keys: made once, kept in a file of their own or in the environment, never shown."""

import os
import secrets
from pathlib import Path

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
    if not texto and caminho.exists():
        try:
            texto = caminho.read_text(encoding="utf-8").strip()
        except PermissionError as erro:
            raise LastroError(
                f"The key for {de_que} is in {caminho}, which this user may not read. Give it the"
                " key in the environment."
            ) from erro
    if not texto:
        raise LastroError(f"There is no key for {de_que}: {conselho.format(caminho)}.")
    if len(texto.encode()) < BYTES_MINIMOS:
        raise LastroError(f"The key of {de_que} is shorter than {BYTES_MINIMOS} bytes.")
    return texto.encode()
