"""What is being done just now, as those who do it say it; a command that is looked at listens.

Like logging, so that what works deep below need not be handed somebody to tell.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Ouvinte = Callable[[str], None]
"""Told what is being done now, in a few words."""

_ouvintes: list[Ouvinte] = []


def dizer(passo: str, feitos: int | None = None, total: int | None = None) -> None:
    """Say what is being done now; nothing happens where nobody listens.

    Args:
        passo: what, in a few words, without a value of any row.
        feitos: how many of them are done.
        total: of how many.
    """
    if _ouvintes:
        quanto = "" if feitos is None or total is None else f"{feitos:,} of {total:,}, "
        _ouvintes[-1](quanto + passo)


def linhas_lidas(nome: str, linhas: int) -> None:
    """Say how many rows of a table or file were read so far."""
    if _ouvintes:
        _ouvintes[-1](f"reading {nome}, {linhas:,} rows")


@contextmanager
def ouvido(por: Ouvinte) -> Iterator[None]:
    """All that is said inside goes to one listener."""
    _ouvintes.append(por)
    try:
        yield
    finally:
        _ouvintes.remove(por)
