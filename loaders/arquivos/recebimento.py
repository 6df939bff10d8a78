"""Receives a delivered file: one pass over its bytes, into a temporary copy that is easy to read.

The copy is decompressed and holds the lines after the header, each ended by LF. The pass also
counts the lines, which is the count that every later reading has to account for, and finds out
whether the quick reader suffices: no control character, no blank line, no quote but around fields.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from loaders.arquivos.fluxo import adiantado

BLOCO = 4 * 2**20
LINHA_MAXIMA = 2 * 2**20
"""A longer line is no line of a table; it also bounds what is held in memory."""

MARCA_UTF8 = b"\xef\xbb\xbf"
COMPRESSOES = {".gz": "gzip", ".zst": "zstd"}
_TODOS = frozenset(range(256))
_MENOS_C0 = bytes(_TODOS - (frozenset(range(32)) - frozenset(b"\t\n\r")))
_MENOS_C1 = bytes(_TODOS - frozenset(range(0x80, 0xA0)))
ILEGIVEL = "it is neither UTF-8 nor Latin-1 text"


@dataclass
class Recebido:
    """What is known of a file once its bytes were seen.

    Attributes:
        copia: the lines after the header; not decoded.
        sha256: of the bytes as delivered.
        tamanho: their number.
        cabecalho: the first line, not decoded.
        linhas: lines after the header, the blank ones included.
        em_branco: how many of those are empty.
        codificacao: `utf-8` or `latin-1`.
        com_marca: whether a byte order mark came first.
        quebras: line endings seen, of `lf` and `crlf`.
        compressao: `gzip`, `zstd` or nothing.
        aspas: whether a quote occurs anywhere.
        so_ao_redor: whether quotes seem to stand around fields only; unlikely faults that cancel
            each other out are found out by the number of rows.
        controles: whether a control character, or a line break other than LF, occurs anywhere.
        problema: why the content cannot be read at all, or nothing.
    """

    copia: Path
    compressao: str | None
    sha256: str = ""
    tamanho: int = 0
    cabecalho: bytes = b""
    linhas: int = 0
    em_branco: int = 0
    codificacao: str = "utf-8"
    com_marca: bool = False
    quebras: tuple[str, ...] = ()
    aspas: bool = False
    so_ao_redor: bool = True
    controles: bool = False
    problema: str | None = None

    @property
    def lidas(self) -> int:
        """Lines that hold something, without the header; none where they cannot be told apart."""
        return 0 if self.problema else self.linhas - self.em_branco

    @property
    def simples(self) -> bool:
        """Whether every line is its columns, separators and quotes around fields."""
        return self.so_ao_redor and not (self.controles or self.em_branco)

    def formato(self) -> list[str]:
        """What was found, as readable parts."""
        partes = [self.compressao] if self.compressao else []
        partes.append(self.codificacao + (" with mark" if self.com_marca else ""))
        partes.append(" and ".join(self.quebras) or "one line")
        return partes


class Fluxo(Protocol):
    """What bytes can be read from."""

    def read(self, quantos: int = -1, /) -> bytes:
        """The next bytes; none at the end."""


class _Medidor:
    """A stream that hashes and counts what passes, and keeps what its source failed with."""

    closed = False

    def __init__(self, bruto: Fluxo) -> None:
        self.bruto = bruto
        self.resumo = hashlib.sha256()
        self.tamanho = 0
        self.falha: BaseException | None = None

    def close(self) -> None:
        """Called by Arrow; whoever opened the file closes it."""
        self.closed = True

    def read(self, quantos: int = -1) -> bytes:
        try:
            bloco = self.bruto.read(quantos)
        except BaseException as erro:
            self.falha = erro
            raise
        self.resumo.update(bloco)
        self.tamanho += len(bloco)
        return bloco


def receber(bruto: Fluxo, nome: str, copia: Path, expandido: int | None = None) -> Recebido:
    """Copy a file's lines to `copia` and say what its bytes are.

    Args:
        bruto: the file as delivered.
        nome: its name, whose ending tells how it is compressed.
        copia: file to write.
        expandido: bytes that it may have when it is decompressed; none: as many as it has.

    Raises:
        OSError: the file cannot be read, or the copy cannot be written. A file whose content is
            broken raises nothing: the result says so in `problema`.
    """
    recebido = Recebido(copia, COMPRESSOES.get(Path(nome.lower()).suffix))
    medidor = _Medidor(bruto)
    with copia.open("wb") as destino:
        exame = _Exame(recebido)
        for linhas in _linhas_inteiras(adiantado(_blocos(medidor, recebido, expandido)), recebido):
            destino.write(exame.examinar(linhas))
    exame.concluir()
    while medidor.read(BLOCO):  # what a broken compression left unread belongs to the hash too
        pass
    recebido.sha256, recebido.tamanho = medidor.resumo.hexdigest(), medidor.tamanho
    return recebido


def _blocos(medidor: _Medidor, recebido: Recebido, expandido: int | None) -> Iterator[bytes]:
    if not recebido.compressao:
        while bloco := medidor.read(BLOCO):
            yield bloco
        return
    try:
        fluxo = pa.PythonFile(medidor, mode="r")
        yield from descomprimir(fluxo, recebido.compressao, expandido)
    except GrandeDemais as erro:
        recebido.problema = str(erro)
    except (OSError, pa.ArrowException):
        if medidor.falha is not None:
            raise
        recebido.problema = f"its {recebido.compressao} data is broken or cut off"


class GrandeDemais(Exception):
    """A file that grows too much when it is decompressed; the message says how much is allowed."""


def descomprimir(comprimido: Any, forma: str, expandido: int | None) -> Iterator[bytes]:
    """What a compressed stream holds, in blocks.

    Args:
        comprimido: a file of Arrow's, or its path.
        forma: how it is compressed (`gzip`, `zstd`).
        expandido: bytes that it may give; none: as many as it has.

    Raises:
        GrandeDemais: it has more.
        OSError, ArrowException: it is broken.
    """
    quantos = 0
    with pa.CompressedInputStream(comprimido, forma) as fluxo:
        while bloco := fluxo.read(BLOCO):
            quantos += len(bloco)
            if expandido is not None and quantos > expandido:
                raise GrandeDemais(
                    f"decompressed it has more than {expandido:,} bytes, which is more than"
                    " LASTRO_MAX_EXPANSION allows"
                )
            yield bloco


def _linhas_inteiras(blocos: Iterator[bytes], recebido: Recebido) -> Iterator[bytes]:
    """Blocks that end where a line ends; the last line gets the ending that it lacks."""
    resto = b""
    for bloco in blocos:
        dados = resto + bloco if resto else bloco
        corte = dados.rfind(b"\n") + 1
        resto = dados[corte:]
        if len(resto) > LINHA_MAXIMA:
            recebido.problema = f"it has a line of more than {LINHA_MAXIMA:,} bytes"
            resto = b""
            for _ in blocos:  # to its end, for the hash
                pass
            break
        if corte:
            yield dados[:corte]
    if resto:
        yield resto + b"\n"


def _so_ao_redor(linhas: bytes, separador: bytes) -> bool:
    """Whether each quote either begins or ends a field, and as many begin as end."""
    bordas = b"\n" + linhas.replace(separador, b"\n")
    comecam, acabam = bordas.count(b'\n"'), bordas.count(b'"\n')
    return comecam == acabam and comecam + acabam == bordas.count(b'"') and b'\n"\n' not in bordas


class _Exame:
    """Looks at the bytes as they pass."""

    def __init__(self, recebido: Recebido) -> None:
        self.recebido = recebido
        self.primeiro = True
        self.separador = b","
        self.utf8 = True
        self.c0 = self.c1 = False
        self.crlf = self.lf = 0

    def examinar(self, linhas: bytes) -> bytes:
        """Note what whole lines hold; return them as the copy keeps them."""
        recebido = self.recebido
        comeco = self.primeiro
        if comeco and linhas.startswith(MARCA_UTF8):
            linhas, recebido.com_marca = linhas[len(MARCA_UTF8) :], True
        quantas = linhas.count(b"\n")
        if b"\r" in linhas:
            crlf = linhas.count(b"\r\n")
            self.crlf += crlf
            self.lf += quantas - crlf
            linhas = linhas.replace(b"\r\n", b"\n")
            recebido.controles = recebido.controles or b"\r" in linhas
        else:
            self.lf += quantas
        self.c0 = self.c0 or bool(linhas.translate(None, _MENOS_C0))
        if not linhas.isascii():
            self.c1 = self.c1 or bool(linhas.translate(None, _MENOS_C1))
            if self.utf8:
                try:
                    linhas.decode()
                except UnicodeDecodeError:
                    self.utf8 = False
        if comeco:
            self.primeiro = False
            recebido.cabecalho, _, linhas = linhas.partition(b"\n")
            # No column of a contract holds a `;`: with one, the header is separated by it or unfit.
            self.separador = b";" if b";" in recebido.cabecalho else b","
            quantas -= 1
        recebido.linhas += quantas
        if b'"' in linhas:
            recebido.aspas = True
            recebido.so_ao_redor = recebido.so_ao_redor and _so_ao_redor(linhas, self.separador)
        if linhas.startswith(b"\n") or b"\n\n" in linhas:
            recebido.em_branco += sum(not linha for linha in linhas.split(b"\n")[:-1])
        return linhas

    def concluir(self) -> None:
        """Say in which encoding the file is, or that it is in none."""
        recebido = self.recebido
        recebido.controles = recebido.controles or self.c0
        recebido.quebras = tuple(n for n, q in (("lf", self.lf), ("crlf", self.crlf)) if q)
        if not self.utf8:
            recebido.codificacao = "latin-1"
            if self.c0 or self.c1 or recebido.com_marca:
                recebido.problema = recebido.problema or ILEGIVEL
        if b"\x00" in recebido.cabecalho:  # UTF-16 of plain letters is well-formed UTF-8
            recebido.problema = recebido.problema or ILEGIVEL
