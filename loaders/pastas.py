"""Working folders of a process beside what it writes, and their names in SQL."""

import os
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path


def pasta_de_trabalho(pasta: Path, prefixo: str) -> Path:
    """Make a folder that only its owner reads, and that `apagar_restos` knows for this process's.

    Args:
        pasta: folder in which to make it.
        prefixo: how its name begins.
    """
    return Path(tempfile.mkdtemp(prefix=f"{prefixo}{os.getpid()}-", dir=pasta))


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
