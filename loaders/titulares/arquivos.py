"""Finds people in delivered files, and erases them: each line stays, and names nobody."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from loaders.armazem import Armazem
from loaders.armazem.sql import diz_nada
from loaders.contratos import ARQUIVOS, fontes
from loaders.contratos.padroes import Formato
from loaders.controle import lugares
from loaders.extracao.arquivos.locais import DE_QUEM_ESCREVEU, QUARENTENA, Local
from loaders.extracao.arquivos.lugar_que_falha import ENTRADA_E_SAIDA, por_que
from loaders.extracao.arquivos.nomes import Arquivo, identificar, parecido
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteIndisponivel
from loaders.nucleo.nomes import escapar
from loaders.nucleo.pastas import pasta_temporaria
from loaders.titulares.entregues import Entregue, Mudou, NaoPesquisado, Texto
from loaders.titulares.mapa import Valores, colunas_de_chave, tabelas_da
from loaders.titulares.tipados import LinhasJson, Parquet
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
    if not any(t.tipo == ARQUIVOS for t in tabelas_da(fonte)):
        return achados
    carregados = lugares.anotados(armazem, f"load {fonte}") if armazem else []
    pedidos = list(outros)
    for endereco in dict.fromkeys(
        [config.local_de(fonte, fontes()[fonte].no_nome(ARQUIVOS)), *carregados, *pedidos]
    ):
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


def entregas(local: Local, nome_da_fonte: str, nao_pesquisados: list[str]) -> list[Entrega]:
    """The source's deliveries in a place, and those of its quarantine, whole or not.

    Args:
        local: the place.
        nome_da_fonte: the source.
        nao_pesquisados: gets what cannot be searched, with why.

    Raises:
        FonteIndisponivel: the place cannot be read.
    """
    fonte = fontes()[nome_da_fonte]
    achadas = []
    for nome, pasta in local.listar().items():
        if identificar(fonte, nome):
            achadas.append((nome, pasta))
        elif parecido(fonte, nome, pasta):
            nao_pesquisados.append(f"{escapar(nome)} (no load reads it: rename or delete it)")
    try:
        achadas += [
            (f"{QUARENTENA}/{nome}", pasta)
            for nome, pasta in local.quarentena().items()
            if identificar(fonte, NUMERADO.sub("", nome))
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
    todas = [(local, entrega) for local in locais for entrega in entregas(local, trocas.fonte, [])]
    # What leads to the person first: a row of another table may be known by its key alone.
    todas.sort(key=lambda achada: _ordem(trocas.fonte, achada[1].nome))
    for local, nome in ((local, nome) for local, entrega in todas for nome in entrega.arquivos):
        with pasta_temporaria() as pasta, suppress(NaoPesquisado):
            for linha in _aberto(local, nome, pasta, trocas).deles(trocas.com(achadas)):
                for coluna in achadas.keys() & linha.keys():
                    if not diz_nada(linha[coluna]):
                        achadas[coluna].add(linha[coluna])
    return achadas


def _ordem(fonte: str, nome: str) -> int:
    """How far from the person the table of a file is; files of no table come last."""
    arquivo = _identificado(fonte, nome)
    tabelas = tabelas_da(fonte)
    return tabelas.index(arquivo.tabela) if arquivo and arquivo.tabela in tabelas else len(tabelas)


def _identificado(fonte: str, nome: str) -> Arquivo | None:
    """What a delivery is, or that a part belongs to, in the place or in its quarantine."""
    nome = nome.removeprefix(f"{QUARENTENA}/").partition("/")[0]
    return identificar(fontes()[fonte], NUMERADO.sub("", nome))


def _aberto(local: Local, nome: str, pasta: Path, trocas: Trocas) -> Entregue:
    """A file of a place, to be read and written by what it holds.

    Raises:
        NaoPesquisado: it cannot be read.
    """
    arquivo = _identificado(trocas.fonte, nome)
    formato: Formato = arquivo.tabela.padrao.formato if arquivo else "csv"
    classes: dict[Formato, type[Texto | LinhasJson | Parquet]] = {
        "csv": Texto, "jsonl": LinhasJson, "parquet": Parquet,
    }  # fmt: skip
    return classes[formato](local, nome, pasta)


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
    for entrega in entregas(local, trocas.fonte, nao_pesquisados):
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
                arquivo = _aberto(local, nome, onde, trocas)
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
    achadas = entregas(local, trocas.fonte, sem_leitura)
    nao_pesquisados += [f"{local.endereco}/{onde}" for onde in sem_leitura]
    for nome in (n for entrega in achadas for n in entrega.arquivos):
        with pasta_temporaria() as pasta:
            try:
                linhas = _aberto(local, nome, pasta, trocas).linhas(trocas)
                for numero, (antes, depois, _) in enumerate(linhas, 1):
                    if antes != depois:
                        yield escapar(nome), numero, antes.rstrip("\r\n")
            except NaoPesquisado as erro:
                nao_pesquisados.append(f"{local.endereco}/{escapar(nome)} ({erro})")
