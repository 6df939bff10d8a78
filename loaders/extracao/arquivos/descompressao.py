"""What compressed files hold, whether all of it came, and what is wrong with broken ones."""

import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfileobj
from typing import Protocol

import pyarrow as pa

BLOCO = 4 * 2**20
COMPRESSOES = {".gz": "gzip", ".zst": "zstd", ".zip": "zip"}
MEMBRO_GZIP = b"\x1f\x8b"
DO_MAC = "__MACOSX/"
"""What a Mac adds to a zip file of its own accord."""
ERROS_DO_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError,
    NotImplementedError, RuntimeError, OverflowError, LookupError,
)  # fmt: skip
"""What Python's reader may raise of a zip file that is broken or wants to be."""


class Fluxo(Protocol):
    """What bytes can be read from."""

    def read(self, quantos: int = -1, /) -> bytes:
        """The next bytes; none at the end."""


class ConteudoQuebrado(Exception):
    """Compressed data that cannot be read; the message says why."""


class GrandeDemais(ConteudoQuebrado):
    """A file that grows too much when it is decompressed; the message says how much is allowed."""


def compressao(nome: str) -> str | None:
    """How a file is compressed, by its name."""
    return COMPRESSOES.get(Path(nome.lower()).suffix)


class Descompressao:
    """What a compressed stream holds, in blocks.

    Attributes:
        provada: whether checksums have proved that all of it came; known at the end.
        quantos: bytes that came out, those of `antes` included.
    """

    def __init__(
        self, fluxo: Fluxo, forma: str, expandido: int | None = None, antes: int = 0
    ) -> None:
        """Nothing is read yet.

        Args:
            fluxo: the compressed bytes.
            forma: how they are compressed (`gzip`, `zstd`, `zip`).
            expandido: bytes that may come out; none: as many as there are.
            antes: how many of these came out of others already.
        """
        self.fluxo = fluxo
        self.forma = forma
        self.expandido = expandido
        self.quantos = antes
        self.provada = False

    def __iter__(self) -> Iterator[bytes]:
        """Decompress.

        Raises:
            ConteudoQuebrado: it is broken, or more than is allowed.
            OSError: the stream cannot be read.
        """
        ler = {"gzip": self._gzip, "zstd": self._zstd, "zip": self._zip}[self.forma]
        for bloco in ler():
            self.quantos += len(bloco)
            if self.expandido is not None and self.quantos > self.expandido:
                raise GrandeDemais(
                    f"decompressed it has more than {self.expandido:,} bytes, which is more than"
                    " LASTRO_MAX_EXPANSION allows"
                )
            yield bloco

    def _gzip(self) -> Iterator[bytes]:
        """Its members, each with its own checksum; zeros between and after them are padding."""
        resto = b""
        while dados := self._proximo_membro(resto):
            membro = zlib.decompressobj(wbits=31)
            while not membro.eof:
                if not dados and not (dados := self.fluxo.read(BLOCO // 4)):
                    raise ConteudoQuebrado("its gzip data is cut off: it did not come whole")
                try:
                    bloco = membro.decompress(dados, BLOCO)
                except zlib.error as erro:
                    raise ConteudoQuebrado("its gzip data is broken") from erro
                dados = membro.unconsumed_tail
                if bloco:
                    yield bloco
            self.provada, resto = True, membro.unused_data

    def _proximo_membro(self, dados: bytes) -> bytes:
        """The beginning of the next member; nothing at the end."""
        while len(dados := dados.lstrip(b"\0") if self.provada else dados) < len(MEMBRO_GZIP):
            if not (mais := self.fluxo.read(BLOCO // 4)):
                break
            dados += mais
        if dados and not dados.startswith(MEMBRO_GZIP):
            raise ConteudoQuebrado(
                "something that is no gzip follows its gzip data"
                if self.provada
                else "its gzip data is broken: it does not begin like gzip"
            )
        return dados

    def _zstd(self) -> Iterator[bytes]:
        quadros = _QuadrosZstd(self.fluxo)
        try:
            with pa.CompressedInputStream(pa.PythonFile(quadros, mode="r"), "zstd") as aberto:
                while bloco := aberto.read(BLOCO):
                    yield bloco
        except (OSError, pa.ArrowException) as erro:
            if quadros.falha is not None:
                raise quadros.falha from erro
            raise ConteudoQuebrado("its zstd data is broken or cut off") from erro
        self.provada = quadros.somados

    def _zip(self) -> Iterator[bytes]:
        """Its only file; the list of what it holds stands at the end, so it is copied first."""
        with tempfile.TemporaryFile() as copia:
            copyfileobj(self.fluxo, copia, BLOCO)
            if not copia.tell():
                return
            try:
                with zipfile.ZipFile(copia) as aberto:
                    membro = unico(aberto)
                    with aberto.open(membro) as conteudo:
                        while bloco := conteudo.read(BLOCO):
                            yield bloco
            except ERROS_DO_ZIP as erro:
                raise ConteudoQuebrado("its zip data is broken or cut off") from erro
            self.provada = True


def unico(aberto: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The only file of a zip.

    Raises:
        ConteudoQuebrado: it has none, or several, or it has a password.
    """
    membros = [m for m in aberto.infolist() if not (m.is_dir() or m.filename.startswith(DO_MAC))]
    if len(membros) != 1:
        raise ConteudoQuebrado(
            f"it is a zip of {len(membros)} files, and only one of a single file is read: deliver"
            " each file by itself"
        )
    if membros[0].flag_bits & 1:
        raise ConteudoQuebrado("it is a zip file with a password")
    return membros[0]


class _QuadrosZstd:
    """A zstd stream that notes, as it passes, whether each of its frames has a checksum.

    The library verifies those that are there; many writers leave them out.

    Attributes:
        somados: whether all have one.
        falha: what reading it failed with.
    """

    closed = False

    def __init__(self, fluxo: Fluxo) -> None:
        self.fluxo = fluxo
        self.falha: BaseException | None = None
        self.somados = True
        self._dados = b""
        self._pular = 0
        self._no_quadro = False
        self._soma = 0

    def close(self) -> None:
        """Called by Arrow; whoever opened the stream closes it."""
        self.closed = True

    def read(self, quantos: int = -1) -> bytes:
        try:
            bloco = self.fluxo.read(quantos)
        except BaseException as erro:
            self.falha = erro
            raise
        self._ver(bloco)
        return bloco

    def _ver(self, bloco: bytes) -> None:
        if self._pular >= len(bloco):
            self._pular -= len(bloco)
            return
        dados, onde = self._dados + bloco[self._pular :], 0
        while onde <= len(dados) and (passo := self._passo(dados[onde : onde + 8])):
            onde += passo
        self._dados, self._pular = dados[onde:], max(0, onde - len(dados))

    def _passo(self, comeco: bytes) -> int:
        """How long what begins here is, with its content if that is a block; 0: more is needed."""
        if self._no_quadro:
            if len(comeco) < 3:
                return 0
            bloco = int.from_bytes(comeco[:3], "little")
            ultimo, repetido, tamanho = bloco & 1, bloco >> 1 & 3 == 1, bloco >> 3
            self._no_quadro = not ultimo
            return 3 + (1 if repetido else tamanho) + (self._soma if ultimo else 0)
        if len(comeco) < 8:  # no frame is shorter
            return 0
        magico = int.from_bytes(comeco[:4], "little")
        if magico & 0xFFFFFFF0 == 0x184D2A50:  # a frame that readers skip
            return 8 + int.from_bytes(comeco[4:], "little")
        descricao = comeco[4]
        inteiro = descricao >> 5 & 1
        self._soma = 4 * (descricao >> 2 & 1)
        self.somados = self.somados and bool(self._soma)
        self._no_quadro = True
        return 5 + (1 - inteiro) + (0, 1, 2, 4)[descricao & 3] + (inteiro, 2, 4, 8)[descricao >> 6]
