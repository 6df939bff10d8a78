"""Finds people in delivered files, and erases them: each line stays, and names nobody."""

import codecs
import csv
import hashlib
import io
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from loaders import andamento, lugares
from loaders.armazem import Armazem
from loaders.arquivos.locais import ENTRADA_E_SAIDA, QUARENTENA, EmEscrita, Local, por_que
from loaders.arquivos.recebimento import (
    COMPRESSOES,
    LINHA_MAXIMA,
    GrandeDemais,
    descomprimir,
)
from loaders.configuracao import Configuracao
from loaders.erros import FonteIndisponivel
from loaders.nomes import escapar
from loaders.pastas import pasta_temporaria
from loaders.pod_cartoes import identificar
from loaders.titulares.mapa import (
    Trocas,
    Valores,
    colunas_de_chave,
    tabelas_da,
)

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
    """A delivered file, decompressed beside it."""

    def __init__(self, local: Local, nome: str, pasta: Path) -> None:
        """Receive it.

        Args:
            local: where it is.
            nome: its name there.
            pasta: folder for what is made of it.

        Raises:
            NaoPesquisado: it cannot be read or decompressed.
        """
        self.compressao = COMPRESSOES.get(Path(nome.lower()).suffix)
        bruto, self.copia = pasta / "bruto", pasta / "copia"
        try:
            with local.abrir(nome) as aberto, bruto.open("wb") as destino:
                shutil.copyfileobj(aberto, destino, BLOCO)
            self.marca, self.outros_nomes = aberto.marca, aberto.nomes - 1
            self.sha256 = _sha256(bruto)
            if self.compressao:
                with self.copia.open("wb") as destino:
                    destino.writelines(descomprimir(str(bruto), self.compressao, aberto.expandido))
            else:
                self.copia = bruto
            self.codificacao = _codificacao(self.copia)
            self.quebra = _quebra(self.copia, self.codificacao)
            with self.copia.open(encoding=self.codificacao, newline=self.quebra) as aberta:
                self.cabecalho = aberta.readline(LINHA_MAXIMA)
                linha = self.cabecalho
                while linha:
                    if len(linha) == LINHA_MAXIMA:
                        raise NaoPesquisado(f"it has a line of more than {LINHA_MAXIMA:,} letters")
                    linha = aberta.readline(LINHA_MAXIMA)
        except EmEscrita as erro:
            raise Mudou(por_que(erro)) from erro
        except (
            *ENTRADA_E_SAIDA, pa.ArrowException, UnicodeDecodeError, GrandeDemais,
        ) as erro:  # fmt: skip
            raise NaoPesquisado(por_que(erro)) from erro

    def linhas(self, trocas: Trocas) -> Iterator[tuple[str, str]]:
        """Each line with its ending, as it is and as it is without the people."""
        contrato = Contrato.de(trocas.fonte, self.cabecalho)
        with self.copia.open(encoding=self.codificacao, newline=self.quebra) as aberta:
            for linha in aberta:
                texto = linha.rstrip("\r\n")
                sem = contrato.apagar(texto, trocas) if contrato else trocas.em_linha(texto)
                yield linha, sem + linha[len(texto) :]

    def deles(self, trocas: Trocas) -> Iterator[dict[str, str]]:
        """The rows of the people, by column; none in a file that is not of the source's form."""
        contrato = Contrato.de(trocas.fonte, self.cabecalho)
        if contrato is None:
            return
        deles = trocas.chaves.get(contrato.titular, ())
        with self.copia.open(encoding=self.codificacao, newline=self.quebra) as aberta:
            for linha in aberta:
                campos = contrato.campos(linha.rstrip("\r\n"))
                if campos and campos[contrato.colunas.index(contrato.titular)] in deles:
                    yield dict(zip(contrato.colunas, campos, strict=True))

    def reescrever(self, trocas: Trocas, novo: Path) -> int:
        """Write the file without the people; returns how many lines named them."""
        quantas = 0
        plano = novo.with_name("plano")
        with plano.open("w", encoding=self.codificacao, newline="") as destino:
            for antes, depois in self.linhas(trocas):
                destino.write(depois)
                quantas += antes != depois
        if self.compressao:
            with (
                plano.open("rb") as origem,
                pa.CompressedOutputStream(str(novo), self.compressao) as fluxo,
            ):
                shutil.copyfileobj(origem, fluxo, BLOCO)
        else:
            plano.replace(novo)
        return quantas


def _sha256(caminho: Path) -> str:
    with caminho.open("rb") as aberto:
        return hashlib.file_digest(aberto, "sha256").hexdigest()


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
            return "latin-1"
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
        colunas = tuple(c.strip().strip('"').lower() for c in nomes)
        for tabela in tabelas_da(fonte):
            if {c.nome for c in tabela.da_fonte} == set(colunas):
                return cls(colunas, separador, str(tabela.titular))
        return None

    def campos(self, linha: str) -> list[str] | None:
        """The fields of a line; nothing where it is no row."""
        campos = linha.split(self.separador)
        if '"' in linha:
            try:
                (campos,) = csv.reader([linha], delimiter=self.separador, strict=True)
            except (csv.Error, ValueError):
                return None
        return campos if len(campos) == len(self.colunas) else None

    def apagar(self, linha: str, trocas: Trocas) -> str:
        """The line without the people."""
        campos = self.campos(linha)
        if campos is None:
            return trocas.em_linha(linha)
        novos = [
            trocas.token(coluna, campo) if campo in trocas.chaves.get(coluna, ()) else campo
            for coluna, campo in zip(self.colunas, campos, strict=True)
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
    for endereco in dict.fromkeys([config.onde_pod_cartoes, *carregados, *pedidos]):
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


def nomes(local: Local, nao_pesquisados: list[str]) -> list[str]:
    """The source's files in a place, and those of its quarantine.

    Args:
        local: the place.
        nao_pesquisados: gets the quarantine if it cannot be searched, with why.

    Raises:
        FonteIndisponivel: the place cannot be read.
    """
    entregues = [nome for nome in local.listar() if identificar(nome)]
    try:
        recusados = [n for n in local.quarentena() if identificar(NUMERADO.sub("", n))]
    except ENTRADA_E_SAIDA as erro:
        nao_pesquisados.append(f"{QUARENTENA} ({por_que(erro)})")
        recusados = []
    return [*entregues, *(f"{QUARENTENA}/{nome}" for nome in recusados)]


def chaves_em(locais: Sequence[Local], trocas: Trocas) -> Valores:
    """The keys that the people's rows hold, in files that may not have been loaded yet."""
    achadas: Valores = {coluna: set() for coluna in colunas_de_chave(trocas.fonte)}
    todos = [(local, nome) for local in locais for nome in nomes(local, [])]
    # What leads to the person first: a row of another table may be known by its key alone.
    for local, nome in sorted(todos, key=lambda onde: _ordem(trocas.fonte, onde[1])):
        with pasta_temporaria() as pasta, suppress(NaoPesquisado):
            for linha in Arquivo(local, nome, pasta).deles(trocas.com(achadas)):
                for coluna in achadas.keys() & linha.keys():
                    if linha[coluna].strip():
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
    for nome in nomes(local, nao_pesquisados):
        andamento.dizer(f"erasing from {escapar(nome)}")
        try:
            for _ in range(VEZES):
                feito = _apagar_de(local, nome, trocas, antes_de_trocar)
                if feito is not None:
                    break
            else:
                raise NaoPesquisado("somebody is writing to it")
        except NaoPesquisado as erro:
            nao_pesquisados.append(f"{escapar(nome)} ({erro})")
            continue
        if feito.linhas:
            reescritos.append(feito)
            if feito.outros_nomes:
                nao_pesquisados.append(
                    f"{feito.nome} (erased under this name; the {feito.outros_nomes} other names,"
                    " hard links, that it had still hold what was in it: delete them)"
                )
    return reescritos, nao_pesquisados


def _apagar_de(
    local: Local, nome: str, trocas: Trocas, antes_de_trocar: Callable[[Reescrito], None]
) -> Reescrito | None:
    """Write one file anew if it names them; nothing where it changed meanwhile."""
    with pasta_temporaria() as pasta:
        novo = pasta / "novo"
        try:
            arquivo = Arquivo(local, nome, pasta)
        except Mudou:
            return None
        quantas = arquivo.reescrever(trocas, novo)
        feito = Reescrito(
            escapar(nome), quantas, arquivo.sha256, _sha256(novo), novo.stat().st_size,
            arquivo.outros_nomes,
        )  # fmt: skip
        if quantas:
            try:
                if not local.substituir(nome, novo, arquivo.marca, lambda: antes_de_trocar(feito)):
                    return None
            except ENTRADA_E_SAIDA as erro:
                raise NaoPesquisado(por_que(erro)) from erro
        return feito


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
    sem_quarentena: list[str] = []
    pesquisados = nomes(local, sem_quarentena)
    nao_pesquisados += [f"{local.endereco}/{onde}" for onde in sem_quarentena]
    for nome in pesquisados:
        with pasta_temporaria() as pasta:
            try:
                linhas = Arquivo(local, nome, pasta).linhas(trocas)
                for numero, (antes, depois) in enumerate(linhas, 1):
                    if antes != depois:
                        yield escapar(nome), numero, antes.rstrip("\r\n")
            except NaoPesquisado as erro:
                nao_pesquisados.append(f"{local.endereco}/{escapar(nome)} ({erro})")
