"""Working folders of a process beside what it writes, and files replaced whole."""

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from loaders import PROJETO
from loaders.nucleo.erros import LastroError
from loaders.nucleo.privados import como_o_usuario

PREFIXO_TEMPORARIO = "lastro-arquivos-"


@contextmanager
def pasta_de_trabalho(pasta: Path, prefixo: str) -> Iterator[Path]:
    """A folder that only its owner reads, deleted at the end unless it has got another name.

    It is locked until then, so that `apagar_restos` tells it from those of killed processes.

    Args:
        pasta: folder in which to make it.
        prefixo: how its name begins.
    """
    trava = None
    while trava is None:  # somebody who clears may have come between its making and its lock
        trabalho = Path(tempfile.mkdtemp(prefix=prefixo, dir=pasta))
        trava = _travada(trabalho)
    try:
        yield trabalho
    finally:
        shutil.rmtree(trabalho, ignore_errors=True)
        os.close(trava)


@contextmanager
def pasta_temporaria() -> Iterator[Path]:
    """A folder in the system's temporary one; those that killed processes left there go, too."""
    onde = Path(tempfile.gettempdir())
    apagar_restos(onde, PREFIXO_TEMPORARIO)
    with pasta_de_trabalho(onde, PREFIXO_TEMPORARIO) as trabalho:
        yield trabalho


@contextmanager
def pasta_de_saida(pasta: Path, prefixo: str) -> Iterator[Path]:
    """A working folder in the one to which the user wants something written, made if missing.

    Raises:
        LastroError: it cannot be written.
    """
    with ExitStack() as pilha:
        try:
            with como_o_usuario():
                pasta.mkdir(parents=True, exist_ok=True)
            if de_quem_engana(pasta):
                raise LastroError(
                    f"Others may rename what is written to {pasta}, and have an administrator"
                    " change what is not theirs. Run this as the folder's owner, or give another"
                    " folder."
                )
            real = pasta.resolve()
            apagar_restos(real, prefixo)
            trabalho = pilha.enter_context(pasta_de_trabalho(real, prefixo))
        except OSError as erro:
            raise LastroError(f"The folder {pasta} cannot be written: {erro.strerror}.") from erro
        yield trabalho


def de_quem_engana(pasta: Path) -> bool:
    """Whether an administrator may not write here: others could put links in the way."""
    if os.geteuid() != 0:
        return False
    # Who owns the project's folder decides anyway what an administrator runs.
    de_confianca = {0, PROJETO.stat().st_uid}
    verdadeira = pasta.resolve()
    for onde in (verdadeira, *verdadeira.parents):
        lida = onde.stat()
        abertos = stat.S_IWOTH | (stat.S_IWGRP if lida.st_gid else 0)
        if lida.st_uid not in de_confianca or (
            lida.st_mode & abertos and not lida.st_mode & stat.S_ISVTX
        ):
            return True
    return False


def conferir_destino(caminho: Path) -> None:
    """See that a file can take a place: that nothing is there, or a file.

    Raises:
        LastroError: a folder, a link or a device is there, which an export did not put there.
    """
    if os.path.lexists(caminho) and not stat.S_ISREG(caminho.lstat().st_mode):
        raise LastroError(f"{caminho} is not from an export; move it away.")


def dar_dono(novo: Path | int, antes: os.stat_result) -> None:
    """Give a new file, by its path or descriptor, owner, group and mode of the one it replaces.

    Raises:
        LastroError: the user may not.
    """
    atual = os.stat(novo)
    if (atual.st_uid, atual.st_gid) != (antes.st_uid, antes.st_gid):
        try:
            os.chown(novo, antes.st_uid, antes.st_gid)
        except PermissionError as erro:
            quem = novo.name if isinstance(novo, Path) else "A file"
            raise LastroError(
                f"{quem} is to have the owner and group ({antes.st_uid}, {antes.st_gid}) of"
                " the file whose place it takes: run this as its owner, or as an administrator."
            ) from erro
    os.chmod(novo, stat.S_IMODE(antes.st_mode))


def apagar_restos(pasta: Path, prefixo: str, poupar: Collection[str] = ()) -> None:
    """Remove the working folders that killed processes left.

    Args:
        pasta: folder in which they were made.
        prefixo: how their names begin.
        poupar: names of folders that stay.
    """
    for resto in pasta.glob(f"{prefixo}*"):
        if resto.name not in poupar and (trava := _travada(resto)) is not None:
            shutil.rmtree(resto, ignore_errors=True)
            os.close(trava)


def _travada(pasta: Path) -> int | None:
    """Lock a folder; the system lets go of it with the process. None if somebody else has it."""
    try:
        descritor = os.open(pasta, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:  # gone, no folder, or another user's
        return None
    try:
        fcntl.flock(descritor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descritor), pasta.stat()):
            return descritor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descritor)
    return None


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


def abrir_regular(caminho: Path, como: int = os.O_RDONLY, modo: int = 0o600) -> int:
    """Open a file, and only a file: of a pipe or a device a reader might wait for ever.

    Args:
        caminho: its path; links are followed.
        como: flags of the system's open.
        modo: mode of a file that it makes.

    Returns:
        The descriptor.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    descritor = os.open(caminho, como | os.O_NONBLOCK | os.O_CLOEXEC, modo)
    if stat.S_ISREG(os.fstat(descritor).st_mode):
        return descritor
    os.close(descritor)
    raise OSError(errno.EINVAL, "it is no regular file", str(caminho))


def _dar_o_que_pode(novo: int, antes: os.stat_result) -> None:
    """What several users of a group write in turn stays readable to all of them."""
    for dono, grupo in ((antes.st_uid, antes.st_gid), (-1, antes.st_gid)):
        with suppress(PermissionError):
            os.chown(novo, dono, grupo)
            break
    os.chmod(novo, stat.S_IMODE(antes.st_mode))


def substituir(caminho: Path, dados: bytes) -> None:
    """Replace a small file at once; it is on the disk then, or the old one stays.

    It keeps mode and, as far as the user may give them, owner and group.

    One process at a time: the new one always has the same name, so that a kill leaves one at most.

    Args:
        caminho: its path; links are followed. What is there and is no regular file stays.
        dados: what it is to hold.

    Raises:
        OSError: it cannot be written.
    """
    destino = Path(os.path.realpath(caminho))
    nova = destino.with_name(f".{destino.name}.nova")
    try:
        if os.path.lexists(destino) and not stat.S_ISREG(destino.lstat().st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        nova.unlink(missing_ok=True)
        with nova.open("xb") as arquivo:
            arquivo.write(dados)
            arquivo.flush()
            if destino.exists():
                _dar_o_que_pode(arquivo.fileno(), destino.stat())
            os.fsync(arquivo.fileno())
        os.replace(nova, destino)
    except OSError as erro:
        with suppress(OSError):
            nova.unlink(missing_ok=True)
        raise OSError(erro.errno, erro.strerror, str(caminho)) from erro
    gravar_no_disco(destino.parent)
