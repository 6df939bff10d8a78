"""Finds people in delivered files, and erases them: each line stays, and names nobody."""

import codecs
import csv
import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import IO

import pyarrow as pa

from loaders.armazem import Armazem
from loaders.armazem.sql import diz_nada
from loaders.controle import lugares
from loaders.extracao.arquivos.descompressao import (
    ConteudoQuebrado,
    Descompressao,
    compressao,
    unico,
)
from loaders.extracao.arquivos.locais import (
    DE_QUEM_ESCREVEU,
    ENTRADA_E_SAIDA,
    QUARENTENA,
    EmEscrita,
    Local,
    por_que,
)
from loaders.extracao.arquivos.pod_cartoes import identificar, parecido
from loaders.extracao.arquivos.recebimento import DIZ_SEPARADOR, LATIN1, LINHA_MAXIMA, WINDOWS
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteIndisponivel
from loaders.nucleo.nomes import escapar
from loaders.nucleo.pastas import pasta_temporaria
from loaders.titulares.mapa import Valores, colunas_de_chave, tabelas_da
from loaders.titulares.trocas import Trocas

BLOCO = 1 << 20
NUMERADO = re.compile(r"^([0-9]+-)+")
"""How the name of a refused file begins where there was one of its name already."""
VEZES = 3
"""How often a file is done again that somebody writes to meanwhile."""


@dataclass(frozen=True)
class Reescrito:
    """A file that named some of the people.

    Attributes:
        nome: its name as it is shown, after the folder if it lies in quarantine.
        linhas: how many of its lines did.
        sha256_antes: of its bytes as they were.
        sha256: of its bytes as they are.
        tamanho: their number.
        outros_nomes: how many hard links to it hold the bytes as they were.
    """

    nome: str
    linhas: int
    sha256_antes: str
    sha256: str
    tamanho: int
    outros_nomes: int


class NaoPesquisado(Exception):
    """A file whose content cannot be read; the message says why."""


class Mudou(NaoPesquisado):
    """A file to which somebody wrote while it was read."""


class Arquivo:
    """A delivered file, or a part of a delivery, decompressed beside it."""

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
        try:
            with local.abrir(nome) as aberto, bruto.open("wb") as destino:
                shutil.copyfileobj(aberto, destino, BLOCO)
            self.marca, self.outros_nomes = aberto.marca, aberto.nomes - 1
            if self.compressao:
                with bruto.open("rb") as origem, self.copia.open("wb") as destino:
                    destino.writelines(Descompressao(origem, self.compressao, aberto.expandido))
            else:
                self.copia = bruto
            self.codificacao = _codificacao(self.copia)
            self.quebra = _quebra(self.copia, self.codificacao)
            self.cabecalho = self._ler_cabecalho()
        except EmEscrita as erro:
            raise Mudou(por_que(erro)) from erro
        except (
            *ENTRADA_E_SAIDA, UnicodeDecodeError, ConteudoQuebrado,
        ) as erro:  # fmt: skip
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
        contrato = Contrato.de(trocas.fonte, self.cabecalho)
        for linha, forma in self._lidas():
            texto = linha.rstrip("\r\n")
            sem = contrato.apagar(texto, trocas) if contrato else trocas.em_linha(texto)
            yield linha, sem + linha[len(texto) :], forma

    def deles(self, trocas: Trocas) -> Iterator[dict[str, str]]:
        """The rows of the people, by column; none in a file that is not of the source's form."""
        contrato = Contrato.de(trocas.fonte, self.cabecalho)
        if contrato is None:
            return
        deles = trocas.chaves.get(contrato.titular, ())
        titular = contrato.colunas.index(contrato.titular)
        for linha, _ in self._lidas():
            campos = contrato.campos(linha.rstrip("\r\n"))
            if campos and campos[titular] in deles:
                yield dict(zip(contrato.colunas, campos, strict=False))

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


@dataclass(frozen=True)
class Contrato:
    """How the lines of a file are read whose header is that of one of the source's tables.

    Attributes:
        colunas: its columns, in the file's order.
        separador: what stands between them.
        titular: which of them says whose a row is.
    """

    colunas: tuple[str, ...]
    separador: str
    titular: str

    @classmethod
    def de(cls, fonte: str, cabecalho: str) -> "Contrato | None":
        """The contract of a header; nothing where it is no table's."""
        separador = ";" if ";" in cabecalho else ","
        nomes = cabecalho.lstrip("\ufeff").split(separador)
        if len(nomes) > 1 and nomes[-1].strip() in ("", '""'):  # a last column that has no name
            del nomes[-1]
        colunas = tuple(c.strip().strip('"').lower() for c in nomes)
        for tabela in tabelas_da(fonte):
            if {c.nome for c in tabela.da_fonte} == set(colunas):
                return cls(colunas, separador, str(tabela.titular))
        return None

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


@dataclass
class Lugares:
    """The places that hold a source's delivered files.

    Attributes:
        locais: those that are there.
        ausentes: those from which files were loaded, and that are not there any more.
        recusados: those from which files were loaded, and that cannot be read now, with why.
    """

    locais: list[Local] = field(default_factory=list)
    ausentes: list[str] = field(default_factory=list)
    recusados: list[str] = field(default_factory=list)


def lugares_de(
    config: Configuracao, armazem: Armazem | None, fonte: str, outros: Iterable[str] = ()
) -> Lugares:
    """Every place from which a warehouse loaded files, that of the settings, and others.

    Args:
        config: the settings.
        armazem: the warehouse; nothing where there is none yet.
        fonte: the source.
        outros: places that the user named.

    Raises:
        FonteIndisponivel: a place cannot be read; one of `outros` may not be missing either.
    """
    achados = Lugares()
    if not any(t.arquivo for t in tabelas_da(fonte)):
        return achados
    carregados = lugares.anotados(armazem, f"load {fonte}") if armazem else []
    pedidos = list(outros)
    for endereco in dict.fromkeys([config.local_de(fonte), *carregados, *pedidos]):
        try:
            local = Local(endereco, config.expansao_maxima)
            local.listar()
        except FonteIndisponivel as erro:
            falta = isinstance(erro.__cause__, FileNotFoundError)
            if endereco in pedidos or (not falta and endereco not in carregados):
                raise
            if endereco in carregados:
                (achados.ausentes if falta else achados.recusados).append(
                    endereco if falta else f"{endereco} ({erro})"
                )
            continue
        achados.locais.append(local)
    return achados


@dataclass(frozen=True)
class Entrega:
    """A delivery that may name somebody.

    Attributes:
        nome: its name, after the folder if it lies in quarantine.
        arquivos: the files that it is made of, in the order in which they are read.
    """

    nome: str
    arquivos: tuple[str, ...]


def entregas(local: Local, nao_pesquisados: list[str]) -> list[Entrega]:
    """The source's deliveries in a place, and those of its quarantine, whole or not.

    Args:
        local: the place.
        nao_pesquisados: gets what cannot be searched, with why.

    Raises:
        FonteIndisponivel: the place cannot be read.
    """
    achadas = []
    for nome, pasta in local.listar().items():
        if identificar(nome):
            achadas.append((nome, pasta))
        elif parecido(nome, pasta):
            nao_pesquisados.append(f"{escapar(nome)} (no load reads it: rename or delete it)")
    try:
        achadas += [
            (f"{QUARENTENA}/{nome}", pasta)
            for nome, pasta in local.quarentena().items()
            if identificar(NUMERADO.sub("", nome))
        ]
    except ENTRADA_E_SAIDA as erro:
        nao_pesquisados.append(f"{QUARENTENA} ({por_que(erro)})")
    resultado = []
    for nome, pasta in achadas:
        try:
            resultado.append(_entrega(local, nome, pasta, nao_pesquisados))
        except ENTRADA_E_SAIDA as erro:
            nao_pesquisados.append(f"{escapar(nome)} ({por_que(erro)})")
    return resultado


def _entrega(local: Local, nome: str, pasta: bool, nao_pesquisados: list[str]) -> Entrega:
    dentro = local.de_dentro(nome) if pasta else None
    if dentro is None:
        return Entrega(nome, (nome,))
    for outra in (n for n, e_pasta in dentro.items() if e_pasta):
        nao_pesquisados.append(f"{escapar(f'{nome}/{outra}')} (a folder in a folder)")
    arquivos = (n for n, e_pasta in dentro.items() if not e_pasta)
    return Entrega(
        nome, tuple(f"{nome}/{n}" for n in arquivos if not n.startswith(DE_QUEM_ESCREVEU))
    )


def chaves_em(locais: Sequence[Local], trocas: Trocas) -> Valores:
    """The keys that the people's rows hold, in files that may not have been loaded yet."""
    achadas: Valores = {coluna: set() for coluna in colunas_de_chave(trocas.fonte)}
    todas = [(local, entrega) for local in locais for entrega in entregas(local, [])]
    # What leads to the person first: a row of another table may be known by its key alone.
    todas.sort(key=lambda achada: _ordem(trocas.fonte, achada[1].nome))
    for local, nome in ((local, nome) for local, entrega in todas for nome in entrega.arquivos):
        with pasta_temporaria() as pasta, suppress(NaoPesquisado):
            for linha in Arquivo(local, nome, pasta).deles(trocas.com(achadas)):
                for coluna in achadas.keys() & linha.keys():
                    if not diz_nada(linha[coluna]):
                        achadas[coluna].add(linha[coluna])
    return achadas


def _ordem(fonte: str, nome: str) -> int:
    """How far from the person the table of a file is; files of no table come last."""
    arquivo = identificar(NUMERADO.sub("", nome.rpartition("/")[2]))
    tabelas = tabelas_da(fonte)
    return tabelas.index(arquivo.tabela) if arquivo and arquivo.tabela in tabelas else len(tabelas)


def apagar_em(
    local: Local, trocas: Trocas, antes_de_trocar: Callable[[Reescrito], None]
) -> tuple[list[Reescrito], list[str]]:
    """Write every file of a place anew that names one of the people.

    Args:
        local: the place.
        trocas: the people.
        antes_de_trocar: told of each such file before it takes the old one's place.

    Returns:
        The files, and those that may still name somebody, with why.

    Raises:
        FonteIndisponivel: the place cannot be read.
        LastroError: a file cannot be given its owner.
    """
    reescritos: list[Reescrito] = []
    nao_pesquisados: list[str] = []
    for entrega in entregas(local, nao_pesquisados):
        andamento.dizer(f"erasing from {escapar(entrega.nome)}")
        try:
            for _ in range(VEZES):
                sem_leitura: list[str] = []
                feito = _apagar_de(local, entrega, trocas, antes_de_trocar, sem_leitura)
                if feito is not None:
                    break
            else:
                raise NaoPesquisado("somebody is writing to it")
        except NaoPesquisado as erro:
            nao_pesquisados.append(f"{escapar(entrega.nome)} ({erro})")
            continue
        nao_pesquisados += sem_leitura
        if feito.linhas:
            reescritos.append(feito)
            if feito.outros_nomes:
                nao_pesquisados.append(
                    f"{feito.nome} (erased under this name; the {feito.outros_nomes} other names,"
                    " hard links, that it had still hold what was in it: delete them)"
                )
    return reescritos, nao_pesquisados


def _apagar_de(
    local: Local,
    entrega: Entrega,
    trocas: Trocas,
    antes_de_trocar: Callable[[Reescrito], None],
    sem_leitura: list[str],
) -> Reescrito | None:
    """Write one delivery anew if it names them; nothing where it changed meanwhile.

    Its load knows it by the bytes of all its files, so none is replaced before all are written.
    """
    antes, depois = hashlib.sha256(), hashlib.sha256()
    quantas = tamanho = outros_nomes = 0
    novos = []
    with pasta_temporaria() as pasta:
        for numero, nome in enumerate(entrega.arquivos):
            onde = pasta / str(numero)
            onde.mkdir()
            bruto, novo = onde / "bruto", onde / "novo"
            linhas = 0
            try:
                arquivo = Arquivo(local, nome, onde)
                linhas = arquivo.reescrever(trocas, novo)
            except Mudou:
                return None
            except NaoPesquisado as erro:
                sem_leitura.append(f"{escapar(nome)} ({erro})")
            if linhas:
                novos.append((nome, novo, arquivo.marca))
                quantas += linhas
                outros_nomes += arquivo.outros_nomes
            _somar(antes, bruto)
            tamanho += _somar(depois, novo if linhas else bruto)
            for resto in onde.iterdir():
                if not (linhas and resto == novo):
                    resto.unlink()
        feito = Reescrito(
            escapar(entrega.nome), quantas, antes.hexdigest(), depois.hexdigest(), tamanho,
            outros_nomes,
        )  # fmt: skip
        anotar: Callable[[], None] = partial(antes_de_trocar, feito)
        for nome, novo, marca in novos:
            try:
                if not local.substituir(nome, novo, marca, anotar):
                    return None
            except ENTRADA_E_SAIDA as erro:
                raise NaoPesquisado(por_que(erro)) from erro
            anotar = _nada
    return feito


def _nada() -> None:
    """What is left to do before the other files of a delivery are replaced."""


def _somar(resumo: "hashlib._Hash", caminho: Path) -> int:
    """Add a file's bytes, if it could be read; returns their number."""
    tamanho = 0
    if caminho.exists():
        with caminho.open("rb") as aberto:
            while bloco := aberto.read(BLOCO):
                resumo.update(bloco)
                tamanho += len(bloco)
    return tamanho


def procurar_em(
    local: Local, trocas: Trocas, nao_pesquisados: list[str]
) -> Iterator[tuple[str, int, str]]:
    """The lines of a place's files that name the people: file, number of the line, text.

    Args:
        local: the place.
        trocas: the people.
        nao_pesquisados: gets the files whose content cannot be read, with why.

    Raises:
        FonteIndisponivel: the place cannot be read.
    """
    sem_leitura: list[str] = []
    achadas = entregas(local, sem_leitura)
    nao_pesquisados += [f"{local.endereco}/{onde}" for onde in sem_leitura]
    for nome in (n for entrega in achadas for n in entrega.arquivos):
        with pasta_temporaria() as pasta:
            try:
                linhas = Arquivo(local, nome, pasta).linhas(trocas)
                for numero, (antes, depois, _) in enumerate(linhas, 1):
                    if antes != depois:
                        yield escapar(nome), numero, antes.rstrip("\r\n")
            except NaoPesquisado as erro:
                nao_pesquisados.append(f"{local.endereco}/{escapar(nome)} ({erro})")
