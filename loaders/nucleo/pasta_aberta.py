"""A folder in which others may write, too: what is done in it happens there or not at all.

It is held by its descriptor, and what is in it is reached by name from there. So nobody can put a
link in its place, or in that of one of its entries, and have something written elsewhere.
"""

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from loaders.nucleo import nomes
from loaders.nucleo.pastas import dar_dono

PREFIXO_DA_TROCA = ".lastro-troca-"
"""How the names of files begin that have not got theirs yet."""


class PastaAberta:
    """An open folder."""

    def __init__(self, descritor: int) -> None:
        """Take the descriptor; who opened it closes it."""
        self.descritor = descritor

    @classmethod
    @contextmanager
    def abrir(cls, caminho: str) -> Iterator["PastaAberta"]:
        """Open a folder by its path, in which links are followed."""
        with _aberto(caminho, os.O_DIRECTORY) as descritor:
            yield cls(descritor)

    @contextmanager
    def dentro(self, nome: str, criar: bool = False) -> Iterator["PastaAberta"]:
        """Open a folder in this one.

        Args:
            nome: its name.
            criar: make it if there is nothing of that name.

        Raises:
            OSError: there is none, or something else, a link to a folder among that.
        """
        if criar:
            with suppress(FileExistsError):
                os.mkdir(nomes.conferir(nome), dir_fd=self.descritor)
        lido = self.lstat(nome)
        if lido is not None and not stat.S_ISDIR(lido.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, f"{nome} is a link or a file, and no folder")
        with _aberto(nome, os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self.descritor) as descritor:
            yield PastaAberta(descritor)

    def lstat(self, nome: str) -> os.stat_result | None:
        """What an entry is, itself and not what it links to; nothing where there is none."""
        try:
            return os.stat(nomes.conferir(nome), dir_fd=self.descritor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def listar(self) -> dict[str, bool]:
        """The names of all that is in it, sorted, and whether each is a folder."""
        with os.scandir(self.descritor) as entradas:
            achadas = {e.name: e.is_dir(follow_symlinks=False) for e in entradas}
        return dict(sorted(achadas.items()))

    def mover(self, nome: str, para: "PastaAberta", destino: str) -> None:
        """Move an entry to another folder, in the place of what has its name there."""
        os.rename(
            nomes.conferir(nome), nomes.conferir(destino),
            src_dir_fd=self.descritor, dst_dir_fd=para.descritor,
        )  # fmt: skip
        para._gravar_no_disco()
        self._gravar_no_disco()

    def gravar(
        self,
        nome: str,
        escrever: Callable[[IO[bytes]], Any],
        dono: os.stat_result | None = None,
        ainda: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Write a file aside, and then, at once, in the place of what has its name.

        Args:
            nome: the file.
            escrever: writes its content.
            dono: whose owner, group and mode it gets; none: those of a new file.
            ainda: asked when all is written; if not, nothing is done.

        Returns:
            What `ainda` said.

        Raises:
            LastroError: it cannot be given that owner.
        """
        self._limpar()
        while True:  # somebody who clears may have come between its making and its lock
            provisorio = f"{PREFIXO_DA_TROCA}{secrets.token_hex(8)}"
            criar = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            modo = 0o666 if dono is None else 0o600
            descritor = os.open(provisorio, criar, modo, dir_fd=self.descritor)
            with os.fdopen(descritor, "wb") as aberto:
                fcntl.flock(aberto, fcntl.LOCK_EX)
                if self.lstat(provisorio) is None:
                    continue
                try:
                    escrever(aberto)
                    aberto.flush()
                    if dono is not None:
                        dar_dono(aberto.fileno(), dono)
                    os.fsync(aberto.fileno())
                    feito = ainda()
                    if feito:
                        os.replace(
                            provisorio, nomes.conferir(nome),
                            src_dir_fd=self.descritor, dst_dir_fd=self.descritor,
                        )  # fmt: skip
                        self._gravar_no_disco()
                    return feito
                finally:
                    with suppress(FileNotFoundError):
                        os.unlink(provisorio, dir_fd=self.descritor)

    def _gravar_no_disco(self) -> None:
        """Have the names that are in it written to the disk, where its file system can be asked."""
        try:
            os.fsync(self.descritor)
        except OSError as erro:
            if erro.errno != errno.EINVAL:
                raise

    def _limpar(self) -> None:
        """Delete what killed processes left; what one of those alive writes is locked."""
        for resto in (n for n in self.listar() if n.startswith(PREFIXO_DA_TROCA)):
            with (
                suppress(OSError),  # gone, somebody else's, or locked
                _aberto(resto, os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=self.descritor) as descritor,
            ):
                fcntl.flock(descritor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(resto, dir_fd=self.descritor)


@contextmanager
def _aberto(caminho: str, como: int, dir_fd: int | None = None) -> Iterator[int]:
    descritor = os.open(caminho, os.O_RDONLY | os.O_CLOEXEC | como, dir_fd=dir_fd)
    try:
        yield descritor
    finally:
        os.close(descritor)
