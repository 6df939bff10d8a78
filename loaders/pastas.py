"""Working folders of a process beside what it writes, and their names in SQL."""

import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders.erros import LastroError

PREFIXO_TEMPORARIO = "lastro-arquivos-"


def pasta_de_trabalho(pasta: Path, prefixo: str) -> Path:
    """Make a folder that only its owner reads, and that `apagar_restos` knows for this process's.

    Args:
        pasta: folder in which to make it.
        prefixo: how its name begins.
    """
    return Path(tempfile.mkdtemp(prefix=f"{prefixo}{os.getpid()}-", dir=pasta))


@contextmanager
def pasta_temporaria() -> Iterator[Path]:
    """A folder in the system's temporary one; those that killed processes left there go, too."""
    onde = Path(tempfile.gettempdir())
    apagar_restos(onde, PREFIXO_TEMPORARIO)
    pasta = pasta_de_trabalho(onde, PREFIXO_TEMPORARIO)
    try:
        yield pasta
    finally:
        shutil.rmtree(pasta, ignore_errors=True)


def dar_dono(novo: Path, antes: os.stat_result) -> None:
    """Give a new file the owner, group and mode of the one whose place it takes.

    Raises:
        LastroError: the user may not.
    """
    atual = novo.stat()
    if (atual.st_uid, atual.st_gid) != (antes.st_uid, antes.st_gid):
        try:
            os.chown(novo, antes.st_uid, antes.st_gid)
        except PermissionError as erro:
            raise LastroError(
                f"{novo.name} is to have the owner and group ({antes.st_uid}, {antes.st_gid}) of"
                " the file whose place it takes: run this as its owner, or as an administrator."
            ) from erro
    novo.chmod(stat.S_IMODE(antes.st_mode))


def apagar_restos(
    pasta: Path, prefixo: str, poupar: Collection[str] = (), todos: bool = False
) -> None:
    """Remove the working folders of processes that were killed (they are gone).

    Args:
        pasta: folder in which they were made.
        prefixo: how their names begin; the process follows.
        poupar: names of folders that stay.
        todos: remove those of a living process too, if it is this one.
    """
    for resto in pasta.glob(f"{prefixo}*"):
        if resto.name in poupar:
            continue
        dono = resto.name.removeprefix(prefixo).split("-")[0]
        meu = todos and dono == str(os.getpid())
        if meu or not dono.isdigit() or not _vivo(int(dono)):
            shutil.rmtree(resto, ignore_errors=True)


def _vivo(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def literal(caminho: Path) -> str:
    """A path as it stands between the quotes of a SQL text."""
    return str(caminho).replace("'", "''")


def gravar_no_disco(caminho: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk before going on."""
    descritor = os.open(caminho, os.O_RDONLY)
    try:
        os.fsync(descritor)
    finally:
        os.close(descritor)
