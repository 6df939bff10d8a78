"""Where files are delivered: a folder or an S3 prefix, in which others write what they like.

S3 is reached through fsspec. Address, credentials and region come from the environment, as boto
reads them (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION,
AWS_PROFILE).
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import fsspec

from loaders.extracao.arquivos.lugar_que_falha import falando_de
from loaders.nucleo import nomes
from loaders.nucleo.erros import FonteIndisponivel
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pasta_aberta import PastaAberta

QUARENTENA = "quarentena"
COMPLETA = "_SUCCESS"
"""What Spark puts into a folder when all parts are there."""
PARTE = "part-"
"""How the names of parts begin."""
DE_QUEM_ESCREVEU = ("_", ".")
"""How the names begin of what writers leave beside the parts for themselves."""
BLOCO = 2**20
EXPANSAO = 100
SEMPRE_PERMITIDO = 10**9
"""Bytes to which any file may grow when it is decompressed."""
OUTROS_TIPOS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (lambda modo: True, "a device"),
)
MUDOU = "it changed while it was read, so it is still being written"


class EmEscrita(OSError):
    """A file that somebody wrote to, or put in another's place, while it was read."""


def absoluto(endereco: str) -> str:
    """An address that means the same from any folder."""
    return endereco if "://" in endereco else str(Path(endereco).absolute())


@dataclass
class Aberto:
    """A delivered file that is being read, as far as it went when it was opened.

    Attributes:
        bruto: what is read.
        tamanho: bytes of the file.
        marca: what changes when the file is written.
        expandido: bytes that it may have when it is decompressed.
        nomes: how many names (hard links) it has.
    """

    bruto: IO[bytes]
    tamanho: int
    marca: object
    expandido: int | None
    nomes: int = 1

    def __post_init__(self) -> None:
        """Nothing was read yet."""
        self._restam = self.tamanho

    def read(self, quantos: int = -1) -> bytes:
        """The next bytes; what was appended meanwhile is not among them."""
        if quantos < 0 or quantos > self._restam:
            quantos = self._restam
        bloco = self.bruto.read(quantos)
        self._restam -= len(bloco)
        return bloco


class Local:
    """A place where files are delivered."""

    def __init__(self, endereco: str, expansao: int = EXPANSAO) -> None:
        """Know the place; nothing is read yet.

        Args:
            endereco: a folder, or `s3://bucket/prefix`.
            expansao: how many times its size a file may have when it is decompressed.

        Raises:
            FonteIndisponivel: it is neither, or its name is no text.
        """
        protocolo, separador, _ = endereco.partition("://")
        if separador and protocolo not in ("s3", "file"):
            raise FonteIndisponivel(f"{endereco}: only folders and s3:// addresses can be read.")
        if any("\ud800" <= c <= "\udfff" for c in endereco):
            raise FonteIndisponivel(
                f"{nomes.visivel(endereco)}: the name of the folder is no text in UTF-8; give it"
                " another one."
            )
        self.endereco = endereco.rstrip("/") or "/"
        self.remoto = protocolo == "s3" and bool(separador)
        self.expansao = expansao
        # Listings are read anew each time; instances are not shared with other code.
        opcoes: dict[str, Any] = {"skip_instance_cache": True}
        if self.remoto:
            opcoes["use_listings_cache"] = False
        with falando_de(endereco):
            self.sistema, caminho = fsspec.core.url_to_fs(self.endereco, **opcoes)
        self.caminho = caminho.rstrip("/")

    def listar(self) -> dict[str, bool]:
        """The names of all that lies directly in it, sorted, and whether each is a folder.

        Raises:
            FonteIndisponivel: it does not exist or cannot be read.
        """
        with falando_de(self.endereco):
            if self.remoto:
                return self._listar_no_s3(self.caminho)
            with PastaAberta.abrir(self.caminho or "/") as pasta:
                return pasta.listar()

    def _listar_no_s3(self, pasta: str) -> dict[str, bool]:
        entradas = self.sistema.ls(pasta, detail=True)
        if [e["name"] for e in entradas if e["type"] == "file"] == [pasta]:
            raise NotADirectoryError(pasta)
        achadas: dict[str, bool] = {}
        for entrada in entradas:  # an object may have the name of a prefix
            nome = entrada["name"].rpartition("/")[2]
            achadas[nome] = achadas.get(nome, False) or entrada["type"] == "directory"
        return {nome: achadas[nome] for nome in sorted(achadas) if nome}

    def partes(self, nome: str) -> list[str] | None:
        """The names of the parts of a folder, in their order; nothing where it is no folder.

        Raises:
            OSError: not all are there, or something else is.
        """
        achadas = self.de_dentro(nome)
        if achadas is None:
            return None
        if COMPLETA not in achadas:
            raise OSError(
                f"it is a folder without {COMPLETA}, so not all of its parts are there yet"
            )
        nomes_ = [n for n in achadas if not n.startswith(DE_QUEM_ESCREVEU)]
        if outros := [n for n in nomes_ if achadas[n] or not n.startswith(PARTE)]:
            raise OSError(
                f"it is a folder of parts ({PARTE}*) in which there is something else:"
                f" {nomes.escapar(outros[0])}"
            )
        return [f"{nome}/{n}" for n in nomes_]

    def de_dentro(self, nome: str) -> dict[str, bool] | None:
        """All that is in a folder, and whether each is a folder; nothing where it is no folder.

        Raises:
            OSError: it cannot be read, or a file has its name, too.
        """
        if self.remoto:
            caminho = f"{self.caminho}/{nome}"
            try:
                achadas = self._listar_no_s3(caminho)
            except NotADirectoryError:
                return None
            if self.sistema.info(caminho)["type"] == "file":
                raise OSError("a file and a folder have its name")
            return achadas
        with self._pasta_de(nome) as (pasta, arquivo):
            lido = pasta.lstat(arquivo)
            if lido is None or not stat.S_ISDIR(lido.st_mode):
                return None
            with pasta.dentro(arquivo) as dentro:
                return dentro.listar()

    @contextmanager
    def abrir(self, nome: str) -> Iterator[Aberto]:
        """Open a file for reading.

        Raises:
            OSError: it is no regular file; or, at the end, it is not what was opened any more.
        """
        with self._no_s3(nome) if self.remoto else self._na_pasta(nome) as aberto:
            yield aberto
            if self._marca_de_arquivo(nome) != aberto.marca:
                raise EmEscrita(MUDOU)

    @contextmanager
    def _no_s3(self, nome: str) -> Iterator[Aberto]:
        caminho = f"{self.caminho}/{nome}"
        lido = self.sistema.info(caminho)
        if lido["type"] != "file":
            raise OSError("it is a folder, and only files are read")
        with self.sistema.open(caminho, "rb") as bruto:
            tamanho = int(lido["size"])
            yield Aberto(cast(IO[bytes], bruto), tamanho, lido.get("ETag"), self.expandido(tamanho))

    @contextmanager
    def _na_pasta(self, nome: str) -> Iterator[Aberto]:
        with self._pasta_de(nome) as (pasta, arquivo):
            # Looked at before it is opened, which a device may take for an order, and afterwards.
            _so_regular(os.stat(arquivo, dir_fd=pasta.descritor))
            como = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            descritor = os.open(arquivo, como, dir_fd=pasta.descritor)
        with os.fdopen(descritor, "rb") as bruto:
            lido = os.fstat(descritor)
            _so_regular(lido)
            tamanho = lido.st_size
            yield Aberto(bruto, tamanho, _marca(lido), self.expandido(tamanho), lido.st_nlink)

    @contextmanager
    def _pasta_de(self, nome: str) -> Iterator[tuple[PastaAberta, str]]:
        """The folder that a file lies in, which is no link below the place, and its name there."""
        *pastas, arquivo = nome.split("/")
        with ExitStack() as pilha:
            aberta = pilha.enter_context(PastaAberta.abrir(self.caminho or "/"))
            for pasta in pastas:
                aberta = pilha.enter_context(aberta.dentro(pasta))
            yield aberta, arquivo

    def expandido(self, tamanho: int) -> int:
        """Bytes that a file of so many may have when it is decompressed."""
        return max(SEMPRE_PERMITIDO, self.expansao * tamanho)

    def quarentena(self) -> dict[str, bool]:
        """The names of all that lies in quarantine, and whether each is a folder.

        Raises:
            OSError: what has its name is no plain folder, or it cannot be read.
        """
        if self.remoto:
            pasta = f"{self.caminho}/{QUARENTENA}"
            return self._listar_no_s3(pasta) if self.sistema.exists(pasta) else {}
        with PastaAberta.abrir(self.caminho or "/") as entregas:
            if entregas.lstat(QUARENTENA) is None:
                return {}
            with entregas.dentro(QUARENTENA) as quarentena:
                return quarentena.listar()

    def marca(self, nome: str) -> object:
        """What changes when a file, or a part of a folder, is written.

        Raises:
            OSError: it is not there, or a folder without all of its parts.
        """
        partes = self.partes(nome)
        if partes is not None:
            return tuple((parte, self._marca_de_arquivo(parte)) for parte in partes)
        return self._marca_de_arquivo(nome)

    def _marca_de_arquivo(self, nome: str) -> object:
        if self.remoto:
            return self.sistema.info(f"{self.caminho}/{nome}").get("ETag")
        with self._pasta_de(nome) as (pasta, arquivo):
            return _marca(os.stat(arquivo, dir_fd=pasta.descritor))

    def substituir(self, nome: str, novo: Path, marca: object, antes: Callable[[], None]) -> bool:
        """Put another content in a file's place, at once; a reader finds the old one or the new.

        Where the file is a link, what it leads to is replaced, and the link stays.

        Args:
            nome: the file.
            novo: the content.
            marca: the file's mark when it was read.
            antes: called when nothing but the replacement is left to do.

        Returns:
            Whether it was still the same; else nothing is done.

        Raises:
            OSError: it is a link to a file of another owner: who owns a link could have those with
                more rights write to what is none of theirs.
            LastroError: the new file cannot be given the old one's owner.
        """
        if self.remoto:
            if self._marca_de_arquivo(nome) == marca:
                antes()
            if self._marca_de_arquivo(nome) != marca:
                return False
            self.sistema.put_file(str(novo), f"{self.caminho}/{nome}")
            return True
        with self._pasta_de(nome) as (pasta, arquivo):
            entrada = pasta.lstat(arquivo)
            if entrada is None or not stat.S_ISLNK(entrada.st_mode):
                return _trocar(pasta, arquivo, novo, marca, antes)
            onde, alvo = os.path.split(os.path.realpath(f"{self.caminho}/{nome}"))
            with PastaAberta.abrir(onde) as outra:
                lido = outra.lstat(alvo)
                if lido is not None and lido.st_uid != entrada.st_uid:
                    raise OSError(
                        "it is a link to a file of another owner, which was left as it is"
                    )
                return _trocar(outra, alvo, novo, marca, antes)


def _trocar(
    pasta: PastaAberta, nome: str, novo: Path, marca: object, antes: Callable[[], None]
) -> bool:
    dono = pasta.lstat(nome)
    if dono is None or _marca(dono) != marca:
        return False

    def mesmo() -> bool:
        atual = pasta.lstat(nome)
        return atual is not None and _marca(atual) == marca

    def ainda() -> bool:
        if mesmo():
            antes()
        ponto_de_falha("esquecer.antes_de_substituir")
        return mesmo()

    with novo.open("rb") as conteudo:
        return pasta.gravar(nome, lambda aberto: shutil.copyfileobj(conteudo, aberto), dono, ainda)


def _marca(lido: os.stat_result) -> object:
    return lido.st_dev, lido.st_ino, lido.st_size, lido.st_mtime_ns


def _so_regular(lido: os.stat_result) -> None:
    if not stat.S_ISREG(lido.st_mode):
        tipo = next(tipo for e_ele, tipo in OUTROS_TIPOS if e_ele(lido.st_mode))
        raise OSError(f"it is {tipo}, and only files are read")
