"""Who may read the files in which people's data stands: their owner, and one group if it is named.

It imports little, as dbt loads it with every start.
"""

import grp
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders.nucleo.erros import LastroError

SO_DO_DONO = 0o600
DO_GRUPO = 0o640


def restringir() -> None:
    """Have all that this process makes from now on be its owner's alone.

    DuckDB makes files whenever it likes (its log, what does not fit into memory), by the umask.
    """
    global _do_usuario
    antes = os.umask(0o077)
    if _do_usuario is None:
        _do_usuario = antes


_do_usuario: int | None = None
"""The umask with which the process was started, once `restringir` has changed it."""


@contextmanager
def como_o_usuario() -> Iterator[int]:
    """What is made inside is meant for others, and gets the modes that the user's umask gives."""
    antes = os.umask(0o077)
    mascara = antes if _do_usuario is None else _do_usuario
    os.umask(mascara)
    try:
        yield mascara
    finally:
        os.umask(antes)


def abrir_ao_usuario(pasta: Path) -> None:
    """Give a folder and all in it the modes that the user's umask gives."""
    with como_o_usuario() as mascara:
        pass
    for caminho in (*pasta.rglob("*"), pasta):
        with _sem_seguir(caminho) as descritor:
            e_pasta = stat.S_ISDIR(os.fstat(descritor).st_mode)
            os.fchmod(descritor, (0o777 if e_pasta else 0o666) & ~mascara)


@contextmanager
def _sem_seguir(caminho: Path) -> Iterator[int]:
    """A file or folder of this user's, open; a link that somebody put in its place is none."""
    descritor = os.open(caminho, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield descritor
    finally:
        os.close(descritor)


def dar_dono_de_antes(novo: Path, antes: Path) -> None:
    """An administrator who writes somebody's file anew leaves it theirs.

    But in a folder in which others write: there it may be anybody's who was first.
    """
    if os.geteuid() == 0 and antes.exists() and not antes.parent.stat().st_mode & 0o022:
        dele = antes.stat()
        with _sem_seguir(novo) as descritor:
            os.fchown(descritor, dele.st_uid, dele.st_gid)


def numero_do_grupo(nome: str | None) -> int | None:
    """The number of the group that LASTRO_FILE_GROUP names, if it names one.

    Raises:
        LastroError: there is no such group.
    """
    if not nome:
        return None
    try:
        return int(nome) if nome.isdecimal() else grp.getgrnam(nome).gr_gid
    except (KeyError, OverflowError) as erro:
        raise LastroError(f"LASTRO_FILE_GROUP: there is no group {nome!r} here.") from erro


def proteger(caminho: Path, grupo: int | None, onde: int | None = None) -> None:
    """Make a new file its owner's alone, or its owner's to write and the group's to read.

    By its path: with a descriptor that is closed a process lets go of all its locks on a file, and
    so of DuckDB's.

    Args:
        caminho: the file.
        grupo: the group, if one may read it.
        onde: the open file, where others could put a link in its place.

    Raises:
        LastroError: the user is no member of the group.
    """
    dela = caminho if onde is None else onde
    os.chmod(dela, SO_DO_DONO)
    if grupo is not None:
        _dar_grupo(caminho, grupo, dela)
        os.chmod(dela, DO_GRUPO)


def proteger_extrato(caminho: Path, grupo: int | None) -> None:
    """The same of a file in a folder in which others may write, too."""
    with _sem_seguir(caminho) as descritor:
        proteger(caminho, grupo, descritor)


def estreitar(caminho: Path, grupo: int | None) -> None:
    """Take from a file, or a folder, what others may do with it; nothing is added.

    Somebody else's is left as it is.

    Raises:
        LastroError: its group may read it, and is to be another, of which the user is no member.
    """
    try:
        atual = caminho.stat()
    except FileNotFoundError:
        return
    antes = stat.S_IMODE(atual.st_mode)
    modo = antes & (0o700 if stat.S_ISDIR(atual.st_mode) else SO_DO_DONO)
    if atual.st_uid != os.geteuid():
        return
    if grupo is not None and antes & 0o040:
        if atual.st_gid != grupo:
            caminho.chmod(modo)
            _dar_grupo(caminho, grupo, caminho)
        modo |= antes & 0o040
    if modo != antes:
        caminho.chmod(modo)


def _dar_grupo(caminho: Path, grupo: int, onde: Path | int) -> None:
    try:
        os.chown(onde, -1, grupo)
    except PermissionError as erro:
        raise LastroError(
            f"{caminho} is to have the group {grupo} (LASTRO_FILE_GROUP), of which this user is no"
            " member."
        ) from erro
