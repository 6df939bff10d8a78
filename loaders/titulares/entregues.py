"""A delivered file of lines, read and written with other values in some people's places."""

import codecs
import csv
import io
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Protocol

import pyarrow as pa

from loaders.contratos import ARQUIVOS
from loaders.extracao.arquivos.cabecalho import nomes_do_cabecalho
from loaders.extracao.arquivos.descompressao import (
    ConteudoQuebrado,
    Descompressao,
    compressao,
    unico,
)
from loaders.extracao.arquivos.exame import DIZ_SEPARADOR, separador_de
from loaders.extracao.arquivos.locais import Aberto, EmEscrita, Local
from loaders.extracao.arquivos.lugar_que_falha import ENTRADA_E_SAIDA, por_que
from loaders.extracao.arquivos.recebido import LATIN1, WINDOWS
from loaders.extracao.arquivos.recebimento import LINHA_MAXIMA
from loaders.titulares.mapa import tabelas_da
from loaders.titulares.trocas import Trocas

BLOCO = 1 << 20


class NaoPesquisado(Exception):
    """A file whose content cannot be read; the message says why."""


class Mudou(NaoPesquisado):
    """A file to which somebody wrote while it was read."""


class Entregue(Protocol):
    """A delivered file, or a part of a delivery.

    Attributes:
        marca: what changes when it is written.
        outros_nomes: how many hard links to it there are beside its name.
    """

    marca: object
    outros_nomes: int

    def linhas(self, trocas: Trocas) -> Iterator[tuple[str, str, str | None]]:
        """Each line as it is and without the people, and its encoding if not all are alike."""

    def deles(self, trocas: Trocas) -> Iterator[dict[str, str]]:
        """The rows of the people, by column."""

    def reescrever(self, trocas: Trocas, novo: Path) -> int:
        """Write the file without the people; returns how many lines named them."""


def receber(local: Local, nome: str, bruto: Path) -> tuple[Aberto, int]:
    """Copy a file to `bruto`; returns what it was when it was opened, and its other names.

    Raises:
        Mudou: somebody wrote to it meanwhile.
        NaoPesquisado: it cannot be read.
    """
    try:
        with local.abrir(nome) as aberto, bruto.open("wb") as destino:
            shutil.copyfileobj(aberto, destino, BLOCO)
    except EmEscrita as erro:
        raise Mudou(por_que(erro)) from erro
    except ENTRADA_E_SAIDA as erro:
        raise NaoPesquisado(por_que(erro)) from erro
    return aberto, aberto.nomes - 1


class Texto:
    """A file of lines, decompressed beside it."""

    def __init__(self, local: Local, nome: str, pasta: Path) -> None:
        """Receive it.

        Args:
            local: where it is.
            nome: its name there.
            pasta: folder for what is made of it.

        Raises:
            NaoPesquisado: it cannot be read or decompressed.
        """
        self.compressao = compressao(nome)
        self.bruto = bruto = pasta / "bruto"
        self.copia = pasta / "copia"
        aberto, self.outros_nomes = receber(local, nome, bruto)
        self.marca = aberto.marca
        try:
            if self.compressao:
                with bruto.open("rb") as origem, self.copia.open("wb") as destino:
                    destino.writelines(Descompressao(origem, self.compressao, aberto.expandido))
            else:
                self.copia = bruto
            self.codificacao = _codificacao(self.copia)
            self.quebra = _quebra(self.copia, self.codificacao)
            self.cabecalho = self._ler_cabecalho()
        except (*ENTRADA_E_SAIDA, UnicodeDecodeError, ConteudoQuebrado) as erro:
            raise NaoPesquisado(por_que(erro)) from erro

    def _ler_cabecalho(self) -> str:
        """The header; every line is looked at, whether one is too long."""
        primeiras = []
        for numero, (linha, _) in enumerate(self._lidas()):
            if numero < 2:
                primeiras.append(linha.lstrip("\ufeff"))
        if primeiras and DIZ_SEPARADOR.fullmatch(primeiras[0].rstrip("\r\n").encode()):
            del primeiras[0]
        return primeiras[0] if primeiras else ""

    def _contrato(self, trocas: Trocas) -> "Contrato | None":
        return Cabecalho.de(trocas.fonte, self.cabecalho)

    def _lidas(self) -> Iterator[tuple[str, str | None]]:
        """Each line with its ending, and how it is encoded if not all lines are alike."""
        por_linha = self.codificacao == LATIN1 and self.quebra == "\n"
        como = {} if por_linha else {"encoding": self.codificacao, "newline": self.quebra}
        with self.copia.open("rb" if por_linha else "r", **como) as aberta:  # type: ignore[call-overload]
            while linha := aberta.readline(LINHA_MAXIMA + 1):
                if len(linha) > LINHA_MAXIMA:
                    raise NaoPesquisado(f"it has a line of more than {LINHA_MAXIMA:,} letters")
                yield _decodificada(linha) if por_linha else (linha, None)

    def linhas(self, trocas: Trocas) -> Iterator[tuple[str, str, str | None]]:
        """Each line with its ending, as it is and without the people, and its encoding."""
        contrato = self._contrato(trocas)
        for linha, forma in self._lidas():
            texto = linha.rstrip("\r\n")
            sem = contrato.apagar(texto, trocas) if contrato else trocas.em_linha(texto)
            yield linha, sem + linha[len(texto) :], forma

    def deles(self, trocas: Trocas) -> Iterator[dict[str, str]]:
        """The rows of the people, by column; none in a file that is not of the source's form."""
        contrato = self._contrato(trocas)
        if contrato is None:
            return
        for linha, _ in self._lidas():
            if lida := contrato.ler(linha.rstrip("\r\n")):
                campos, titular = lida
                if campos[titular] in trocas.chaves.get(titular, ()):
                    yield campos

    def reescrever(self, trocas: Trocas, novo: Path) -> int:
        """Write the file without the people; returns how many lines named them."""
        quantas = 0
        plano = novo.with_name("plano")
        um_so = codecs.getincrementalencoder(self.codificacao)()
        with plano.open("wb") as destino:
            for antes, depois, forma in self.linhas(trocas):
                destino.write(depois.encode(forma) if forma else um_so.encode(depois))
                quantas += antes != depois
        if self.compressao is None:
            plano.replace(novo)
            return quantas
        with plano.open("rb") as origem, self._comprimido(novo) as fluxo:
            shutil.copyfileobj(origem, fluxo, BLOCO)
        plano.unlink()
        return quantas

    @contextmanager
    def _comprimido(self, novo: Path) -> Iterator[IO[bytes]]:
        """A file to write to, compressed as this one is."""
        if self.compressao != "zip":
            with pa.CompressedOutputStream(str(novo), self.compressao) as fluxo:
                yield fluxo
            return
        with zipfile.ZipFile(self.bruto) as antes:
            membro = unico(antes)
        de_novo = zipfile.ZipInfo(membro.filename, membro.date_time)
        de_novo.compress_type = zipfile.ZIP_DEFLATED
        with (
            zipfile.ZipFile(novo, "w") as aberto,
            aberto.open(de_novo, "w", force_zip64=True) as fluxo,
        ):
            yield fluxo


def _decodificada(linha: bytes) -> tuple[str, str]:
    """A line of a file that is not all UTF-8, and its encoding: lines may differ."""
    for forma in ("utf-8", WINDOWS):
        with suppress(UnicodeDecodeError):
            return linha.decode(forma), forma
    return linha.decode(LATIN1), LATIN1


def _codificacao(caminho: Path) -> str:
    """The encoding of a file; refused ones may be in any."""
    with caminho.open("rb") as aberto:
        comeco = aberto.read(4)
        if comeco.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            forma = "utf-16"
        elif b"\0" in comeco[:2]:
            forma = "utf-16-be" if comeco[:1] == b"\0" else "utf-16-le"
        else:
            forma = "utf-8"
        aberto.seek(0)
        leitor = codecs.getincrementaldecoder(forma)()
        try:
            while bloco := aberto.read(BLOCO):
                leitor.decode(bloco)
            leitor.decode(b"", final=True)
        except UnicodeDecodeError:
            if forma != "utf-8":
                raise
            return LATIN1
    return forma


def _quebra(caminho: Path, codificacao: str) -> str:
    """What ends the lines: CR alone, for which a file is refused, or LF with or without one."""
    with caminho.open(encoding=codificacao, newline="") as aberta:
        comeco = aberta.read(BLOCO)
    return "\r" if "\r" in comeco and "\n" not in comeco else "\n"


class Contrato(Protocol):
    """How the lines of a file are read."""

    def ler(self, linha: str) -> tuple[dict[str, str], str] | None:
        """The fields of a line by column, and which says whose it is; nothing of no row."""

    def apagar(self, linha: str, trocas: Trocas) -> str:
        """The line without the people."""


@dataclass(frozen=True)
class Cabecalho:
    """How the lines of a file are read whose header is that of one of the source's tables.

    Attributes:
        colunas: its columns by their names in the warehouse, in the file's order.
        separador: what stands between them.
        titular: which of them says whose a row is.
    """

    colunas: tuple[str, ...]
    separador: str
    titular: str

    @classmethod
    def de(cls, fonte: str, cabecalho: str) -> "Cabecalho | None":
        """The contract of a header; nothing where it is no table's."""
        for tabela in (t for t in tabelas_da(fonte) if t.tipo == ARQUIVOS):
            separador = separador_de(cabecalho.encode(), tabela.separadores).decode()
            colunas = nomes_do_cabecalho(cabecalho.lstrip("\ufeff").rstrip("\r\n"), separador)
            if len(colunas) > 1 and not colunas[-1]:  # a last one without a name
                del colunas[-1]
            if tabela.do_cabecalho.keys() == set(colunas):
                no_armazem = tuple(tabela.do_cabecalho[c] for c in colunas)
                return cls(no_armazem, separador, str(tabela.titular))
        return None

    def ler(self, linha: str) -> tuple[dict[str, str], str] | None:
        """The fields of a line by column, and which says whose it is; nothing of no row."""
        campos = self.campos(linha)
        return (dict(zip(self.colunas, campos, strict=False)), self.titular) if campos else None

    def campos(self, linha: str) -> list[str] | None:
        """The fields of a line, an empty one after them included; nothing where it is no row."""
        campos = linha.split(self.separador)
        if '"' in linha:
            try:
                (campos,) = csv.reader([linha], delimiter=self.separador, strict=True)
            except (csv.Error, ValueError):
                return None
        da_fonte, demais = campos[: len(self.colunas)], campos[len(self.colunas) :]
        return campos if len(da_fonte) == len(self.colunas) and demais in ([], [""]) else None

    def apagar(self, linha: str, trocas: Trocas) -> str:
        """The line without the people."""
        campos = self.campos(linha)
        if campos is None:
            return trocas.em_linha(linha)
        novos = [
            trocas.token(coluna, campo) if campo in trocas.chaves.get(coluna, ()) else campo
            for coluna, campo in zip_longest(self.colunas, campos)
        ]
        if novos == campos:
            return linha
        escrita = io.StringIO()
        csv.writer(escrita, delimiter=self.separador, lineterminator="").writerow(novos)
        return escrita.getvalue()
