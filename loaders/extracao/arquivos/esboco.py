"""What delivered files say of themselves, as a first draft of their contract: a person edits it."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.contratos.padroes import FORMATOS, periodo
from loaders.contratos.tabela import SEPARADORES
from loaders.extracao.arquivos.entrega import Leitura
from loaders.extracao.arquivos.locais import Local
from loaders.extracao.arquivos.recebimento import receber
from loaders.nucleo.erros import FonteRecusada
from loaders.nucleo.nomes import escapar
from loaders.nucleo.pastas import pasta_temporaria

AMOSTRA = 1_000
"""Rows that are looked at."""
COMPRIMIDO = re.compile(r"\.(gz|zst|zip)$")
PERIODO = re.compile(r"(?<!\d)(?:19|20)\d{4}(?:\d\d)?(?!\d)")
DECIMAL = re.compile(r"-?[0-9][0-9.,]*?(?:[.,]([0-9]+))?")
DIA = re.compile(r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}")
INSTANTE = re.compile(rf"(?:{DIA.pattern})[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
DE_DINHEIRO = re.compile(r"valor|vlr|amount|preco|price|saldo|tarifa|total")


@dataclass(frozen=True)
class ColunaDeArquivo:
    """A column: its name, and what its text seems to be (`le_como`); None where it is just text."""

    nome: str
    le_como: str | None


@dataclass(frozen=True)
class TabelaDeArquivos:
    """Files of one kind.

    Attributes:
        padrao: how they are called, as a contract says it.
        colunas: the columns of the newest of them by its name, in order.
        separador: what stands between them, where that is none of the usual two.
        unicas: columns of which no value stands twice in what was looked at.
    """

    padrao: str
    colunas: tuple[ColunaDeArquivo, ...]
    separador: str | None
    unicas: frozenset[str]


def olhar(endereco: str, expansao: int) -> list[TabelaDeArquivos]:
    """The kinds of files that a place holds.

    Args:
        endereco: a folder, or an s3:// address.
        expansao: how many times its size a file may have when it is decompressed.

    Raises:
        FonteIndisponivel: the place cannot be read.
        FonteRecusada: it holds no file that can be read, or one that cannot.
        OSError: a file cannot be read.
    """
    local = Local(endereco, expansao)
    mais_novos = {
        padrao: nome
        for nome, pasta in local.listar().items()
        if not pasta and (padrao := _padrao(nome)) is not None
    }
    if not mais_novos:
        raise FonteRecusada(f"{endereco} holds no file that ends in {', '.join(FORMATOS)}.")
    return [_uma(local, padrao, nome) for padrao, nome in sorted(mais_novos.items())]


def _padrao(nome: str) -> str | None:
    """How files like this one are called; nothing where its form is not read."""
    sem = COMPRIMIDO.sub("", nome.lower())
    if sem == nome.lower() or "." in sem:
        comeco, ponto, fim = sem.rpartition(".")
    else:  # a zip of one member may have no other end
        comeco, ponto, fim = sem, ".", "csv"
    if f".{fim}" not in FORMATOS:
        return None
    for achado in PERIODO.finditer(comeco):
        if periodo(achado[0]):
            qual = "{AAAAMMDD}" if len(achado[0]) == 8 else "{AAAAMM}"
            comeco = comeco[: achado.start()] + qual + comeco[achado.end() :]
            break
    return comeco + ponto + fim


def _uma(local: Local, padrao: str, nome: str) -> TabelaDeArquivos:
    formato = FORMATOS[f".{padrao.rpartition('.')[2]}"]
    with pasta_temporaria() as pasta:
        leitura = Leitura(local, nome)
        if formato == "parquet":
            return _de_parquet(leitura, padrao, pasta)
        separadores = SEPARADORES if formato == "csv" else ()
        recebido = receber(leitura, pasta / "copia", False, separadores)
        if recebido.problema:
            raise FonteRecusada(f"{escapar(nome)}: {recebido.problema}")
        with recebido.copia.open(encoding=recebido.codificacao, errors="replace") as copia:
            linhas = islice(copia, AMOSTRA)
            if formato == "jsonl":
                return _de_json(linhas, padrao, nome)
            cabecalho = recebido.cabecalho.decode(recebido.codificacao, "replace")
            separador = recebido.separador_dito or max(SEPARADORES, key=cabecalho.count)
            (nomes,) = csv.reader([cabecalho.strip("\r\n")], delimiter=separador)
            campos = [c for c in csv.reader(linhas, delimiter=separador) if len(c) == len(nomes)]
    nomes = [n.strip().lower() for n in nomes]
    return _tabela(padrao, nomes, campos, separador if separador not in ",;" else None)


def _de_json(linhas: Iterable[str], padrao: str, nome: str) -> TabelaDeArquivos:
    objetos = []
    for linha in linhas:
        try:
            lido = json.loads(linha)
        except ValueError:
            continue
        if isinstance(lido, dict):
            objetos.append(lido)
    if not objetos:
        raise FonteRecusada(f"{escapar(nome)} has no line that is an object.")
    nomes = list(dict.fromkeys(chave for objeto in objetos for chave in objeto))
    campos = [["" if o.get(n) is None else str(o[n]) for n in nomes] for o in objetos]
    return _tabela(padrao, nomes, campos, None)


def _de_parquet(leitura: Leitura, padrao: str, pasta: Path) -> TabelaDeArquivos:
    copia = pasta / "copia"
    with copia.open("wb") as destino:
        for _, aberto in leitura:
            while bloco := aberto.read(1 << 20):
                destino.write(bloco)
    try:
        arquivo = pq.ParquetFile(copia)
        primeiras = next(arquivo.iter_batches(AMOSTRA), None)
        esquema = arquivo.schema_arrow
    except pa.ArrowException as erro:
        raise FonteRecusada(f"{escapar(leitura.nome)} is no whole Parquet file.") from erro
    unicas = frozenset(
        nome
        for nome in esquema.names
        if primeiras is not None and len(primeiras.column(nome).unique()) == primeiras.num_rows
    )
    colunas = tuple(ColunaDeArquivo(c.name, _do_arrow(c.type)) for c in esquema)
    return TabelaDeArquivos(padrao, colunas, None, unicas)


def _do_arrow(tipo: pa.DataType) -> str | None:
    if pa.types.is_decimal(tipo):
        return f"decimal({tipo.precision},{tipo.scale})"
    if pa.types.is_date(tipo):
        return "date"
    return "timestamp" if pa.types.is_timestamp(tipo) else None


def _tabela(
    padrao: str, nomes: Sequence[str], campos: Sequence[Sequence[str]], separador: str | None
) -> TabelaDeArquivos:
    valores = list(zip(*campos, strict=True)) if campos else [()] * len(nomes)
    colunas = tuple(
        ColunaDeArquivo(nome, _le_como(nome, [v.strip() for v in dela if v.strip()]))
        for nome, dela in zip(nomes, valores, strict=True)
    )
    unicas = frozenset(n for n, v in zip(nomes, valores, strict=True) if v and len({*v}) == len(v))
    return TabelaDeArquivos(padrao, colunas, separador, unicas)


def _le_como(nome: str, valores: Sequence[str]) -> str | None:
    """What all values of a column are; nothing where one is not, or where there is none."""
    if not valores:
        return None
    if all(map(DIA.fullmatch, valores)):
        return "date"
    if all(v for v in map(INSTANTE.fullmatch, valores)):
        return "timestamp"
    escalas = list(_escalas(valores))
    if len(escalas) < len(valores) or not (any(escalas) or DE_DINHEIRO.search(nome)):
        return None
    escala = max(2, *escalas) if len(escalas) > 1 else max(2, escalas[0])
    return f"decimal({15 + escala - 2},{escala})" if escala <= 10 else None


def _escalas(valores: Iterable[str]) -> Iterator[int]:
    for valor in valores:
        if achado := DECIMAL.fullmatch(valor):
            yield len(achado[1] or "")
