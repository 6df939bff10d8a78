"""Receives a delivery: one pass over its bytes, into a temporary copy that is easy to read.

A delivery is a file, or a folder of parts that are read as one. The copy is decompressed and holds
the lines after the header, each ended by LF. The pass also counts the lines, which is the count
that every later reading has to account for, and finds out whether the quick reader suffices: no
control character, no blank line, no other encoding, no quote but around fields.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from loaders.extracao.arquivos.descompressao import (
    BLOCO,
    ConteudoQuebrado,
    Descompressao,
    Fluxo,
    compressao,
)
from loaders.extracao.arquivos.exame import Exame
from loaders.extracao.arquivos.fluxo import adiantado
from loaders.extracao.arquivos.recebido import Recebido

LINHA_MAXIMA = 2 * 2**20
"""A longer line is no line of a table; it also bounds what is held in memory."""


class Entregue(Fluxo, Protocol):
    """A file, or a part of a delivery, that is being read.

    Attributes:
        expandido: bytes that the delivery may have up to here when it is decompressed.
    """

    expandido: int | None


class _Medidor:
    """A stream that hashes and counts what passes."""

    def __init__(self) -> None:
        self.bruto: Fluxo
        self.resumo = hashlib.sha256()
        self.tamanho = 0

    def read(self, quantos: int = -1) -> bytes:
        bloco = self.bruto.read(quantos)
        self.resumo.update(bloco)
        self.tamanho += len(bloco)
        return bloco


def receber(
    partes: Iterable[tuple[str, Entregue]],
    copia: Path,
    em_partes: bool,
    separadores: Sequence[str] = (",", ";"),
) -> Recebido:
    """Copy a delivery's lines to `copia` and say what its bytes are.

    Args:
        partes: name and content of the file, or of each of its parts; the ending of a name tells
            how it is compressed.
        copia: file to write.
        em_partes: whether it is a folder of parts.
        separadores: what may stand between columns; none where the lines have no header.

    Raises:
        OSError: something cannot be read, or the copy cannot be written. A delivery whose content
            is broken raises nothing: the result says so in `problema`.
    """
    recebido = Recebido(copia)
    medidor = _Medidor()
    expandidos = 0
    exame = Exame(recebido, separadores)
    with copia.open("wb") as destino:
        for nome, parte in partes:
            medidor.bruto = parte
            recebido.partes += em_partes
            origem = _Origem(medidor, nome, parte.expandido, expandidos)
            exame.comecar(nome)
            if recebido.problema is None:
                for linhas in _linhas_inteiras(adiantado(origem.blocos(recebido)), recebido):
                    destino.write(exame.examinar(linhas))
                exame.terminar(origem.provada)
                expandidos = origem.expandidos
                if origem.compressao and origem.compressao not in recebido.compressoes:
                    recebido.compressoes += (origem.compressao,)
            while medidor.read(BLOCO):  # what was left unread belongs to the hash too
                pass
    exame.concluir()
    recebido.sha256, recebido.tamanho = medidor.resumo.hexdigest(), medidor.tamanho
    return recebido


class _Origem:
    """The bytes of a file, decompressed if its name says that it is compressed.

    Attributes:
        provada: whether a checksum has proved that all of it came.
        expandidos: bytes that came out of compressed parts so far.
    """

    def __init__(self, fluxo: Fluxo, nome: str, expandido: int | None, antes: int) -> None:
        self.fluxo = fluxo
        self.compressao = compressao(nome)
        self.expandido = expandido
        self.expandidos = antes
        self.provada = False

    def blocos(self, recebido: Recebido) -> Iterator[bytes]:
        """All of it; `problema` says why it ends before."""
        if self.compressao is None:
            while bloco := self.fluxo.read(BLOCO):
                yield bloco
            return
        aberta = Descompressao(self.fluxo, self.compressao, self.expandido, self.expandidos)
        try:
            yield from aberta
        except ConteudoQuebrado as erro:
            recebido.problema = str(erro)
        self.provada, self.expandidos = aberta.provada, aberta.quantos


def _linhas_inteiras(blocos: Iterator[bytes], recebido: Recebido) -> Iterator[bytes]:
    """Blocks that end where a line ends, but for a last line that lacks its end."""
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
        yield resto
